"""The bodies of the miniature: ministries and departments by their public names, everything else invented.

Names and codes of ministries, departments, commission and institutes are the starter list's. The state, its
districts and the three providers do not exist.
"""

from dataclasses import dataclass

ROOT = "SERVICE"
COUNCIL, COMMISSION, SPV = "PMHRC", "CBC", "KB"
MINISTRIES = ("MORD", "JALS", "PERS")
STATE = "ARUNGIRI"
INSTITUTES = ("ISTM", "NIRDPR")
PROVIDERS = ("coastal-institute", "sadhana-learning", "lok-academy")


@dataclass(frozen=True)
class DemoBody:
    """One body with its name in English, Hindi and Urdu; `plan` names the staffing it gets (see `posts`)."""

    code: str
    kind: str
    parent: str | None
    en: str
    hi: str
    ur: str
    plan: str = ""


def _body(line: str) -> DemoBody:
    code, kind, parent, plan, en, hi, ur = (part.strip() for part in line.split("|"))
    return DemoBody(code, kind, parent or None, en, hi, ur, plan)


_LINES = """
SERVICE | service | | | Public service in miniature | लघु लोक सेवा | مختصر عوامی سروس
PMHRC | council | SERVICE | council | Public Human Resources Council | लोक मानव संसाधन परिषद | عوامی انسانی وسائل کونسل
CBC | commission | SERVICE | commission | Capacity Building Commission | क्षमता निर्माण आयोग | صلاحیت سازی کمیشن
KB | spv | SERVICE | spv | Karmayogi Bharat | कर्मयोगी भारत | کرم یوگی بھارت
MORD | ministry | SERVICE | ministry | Ministry of Rural Development | ग्रामीण विकास मंत्रालय | وزارت دیہی ترقی
MORD-1 | department | MORD | secretariat | Department of Rural Development | ग्रामीण विकास विभाग | محکمہ دیہی ترقی
MORD-2 | department | MORD | secretariat | Department of Land Resources | भूमि संसाधन विभाग | محکمہ اراضی وسائل
MORD-W | office | MORD-1 | works | Rural Roads Office | ग्रामीण सड़क कार्यालय | دفتر دیہی سڑکیں
MORD-S | office | MORD-2 | field | Watershed Programme Office | जलसंभर कार्यक्रम कार्यालय | دفتر آبی پروگرام
JALS | ministry | SERVICE | ministry | Ministry of Jal Shakti | जल शक्ति मंत्रालय | وزارت جل شکتی
JALS-1 | department | JALS | secretariat | Department of Water Resources | जल संसाधन विभाग | محکمہ آبی وسائل
JALS-2 | department | JALS | secretariat | Department of Drinking Water and Sanitation | पेयजल और स्वच्छता विभाग | محکمہ پینے کا پانی اور صفائی
JALS-W | office | JALS-1 | works | Central Water Works Office | केंद्रीय जल कार्य कार्यालय | مرکزی دفتر آبی تعمیرات
PERS | ministry | SERVICE | ministry | Ministry of Personnel | कार्मिक मंत्रालय | وزارت عملہ
PERS-1 | department | PERS | secretariat | Department of Personnel and Training | कार्मिक और प्रशिक्षण विभाग | محکمہ عملہ اور تربیت
PERS-2 | department | PERS | grievances | Department of Administrative Reforms and Public Grievances | प्रशासनिक सुधार और लोक शिकायत विभाग | محکمہ انتظامی اصلاحات اور عوامی شکایات
PERS-3 | department | PERS | grievances | Department of Pension and Pensioners' Welfare | पेंशन और पेंशनभोगी कल्याण विभाग | محکمہ پنشن اور پنشن یافتگان کی بہبود
PERS-C | office | PERS-2 | counter | Citizen Contact Office | नागरिक संपर्क कार्यालय | دفتر شہری رابطہ
ARUNGIRI | state | SERVICE | state | State of Arungiri | अरुणगिरि राज्य | ریاست ارونگری
ARUNGIRI-HOME | department | ARUNGIRI | police-hq | Home Department, Arungiri | गृह विभाग, अरुणगिरि | محکمہ داخلہ، ارونگری
ARUNGIRI-RD | department | ARUNGIRI | field | Rural Development Department, Arungiri | ग्रामीण विकास विभाग, अरुणगिरि | محکمہ دیہی ترقی، ارونگری
ARUNGIRI-PW | department | ARUNGIRI | works | Public Works Department, Arungiri | लोक निर्माण विभाग, अरुणगिरि | محکمہ تعمیرات عامہ، ارونگری
ARUNGIRI-D1 | district | ARUNGIRI | district | Sonavalli District | सोनवल्ली ज़िला | ضلع سونولی
ARUNGIRI-D2 | district | ARUNGIRI | district | Madhuban District | मधुबन ज़िला | ضلع مدھوبن
ARUNGIRI-D3 | district | ARUNGIRI | district | Tarapani District | तारापानी ज़िला | ضلع تاراپانی
ARUNGIRI-P1 | office | ARUNGIRI-D1 | police | District Police, Sonavalli | ज़िला पुलिस, सोनवल्ली | ضلع پولیس، سونولی
ARUNGIRI-P2 | office | ARUNGIRI-D2 | police | District Police, Madhuban | ज़िला पुलिस, मधुबन | ضلع پولیس، مدھوبن
ARUNGIRI-P3 | office | ARUNGIRI-D3 | police | District Police, Tarapani | ज़िला पुलिस, तारापानी | ضلع پولیس، تاراپانی
ISTM | institute | SERVICE | institute | Institute of Secretariat Training and Management | सचिवालय प्रशिक्षण और प्रबंधन संस्थान | ادارہ تربیت و انتظام سیکرٹریٹ
NIRDPR | institute | SERVICE | institute | National Institute of Rural Development and Panchayati Raj | राष्ट्रीय ग्रामीण विकास और पंचायती राज संस्थान | قومی ادارہ دیہی ترقی و پنچایتی راج
coastal-institute | provider | SERVICE | provider | Coastal Institute of Public Purchase | तटीय लोक क्रय संस्थान | ساحلی ادارہ عوامی خریداری
sadhana-learning | provider | SERVICE | provider | Sadhana Learning | साधना लर्निंग | سادھنا لرننگ
lok-academy | provider | SERVICE | provider | Lok Academy | लोक अकादमी | لوک اکیڈمی
"""  # noqa: E501

BODIES: tuple[DemoBody, ...] = tuple(_body(line) for line in _LINES.strip().splitlines())


def top(code: str) -> str:
    """The code of the body directly under the root in which `code` lies, e.g. MORD for MORD-W."""
    parents = {b.code: b.parent for b in BODIES}
    while (parent := parents[code]) not in (None, ROOT):
        code = parent or code
    return code
