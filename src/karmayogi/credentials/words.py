"""The fixed words of the certificate in the languages it is made in."""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "title": "Certificate of competency",
        "states": "This certificate states that",
        "showed": "has shown the level",
        "level": "Level {number} of {of}: {name}",
        "in": "in the competency",
        "how": "How we know",
        "kind": "Kind of evidence", "times": "Times", "newest": "Most recent",
        "test": "Test", "rating": "Observation at work", "work_product": "Work marked by assessors",
        "self_rating": "Own rating", "completed": "Course completed",
        "issued": "Issued on", "until": "Last day it counts", "issuer": "Issued by", "framework": "Framework",
        "rules": "Orders applied",
        "check": "Check this certificate",
        "check_text": "Scan the code with a phone, or open {address} and type the verification code. "
        "The answer says whether the certificate still stands.",
        "code": "Verification code", "signature": "Digital signature", "key": "Signed with the key",
        "qr": "QR code of the page that checks this certificate",
    },
    "hi": {
        "title": "दक्षता प्रमाण पत्र",
        "states": "प्रमाणित किया जाता है कि",
        "showed": "ने यह स्तर प्रदर्शित किया है",
        "level": "स्तर {number} (कुल {of}): {name}",
        "in": "दक्षता",
        "how": "हम यह कैसे जानते हैं",
        "kind": "साक्ष्य का प्रकार", "times": "बार", "newest": "सबसे हाल का",
        "test": "परीक्षा", "rating": "काम पर प्रेक्षण", "work_product": "मूल्यांकनकर्ताओं द्वारा अंकित कार्य",
        "self_rating": "स्व-मूल्यांकन", "completed": "पूरा किया गया पाठ्यक्रम",
        "issued": "जारी करने की तारीख", "until": "मान्यता का अंतिम दिन", "issuer": "जारीकर्ता", "framework": "दक्षता ढाँचा",
        "rules": "लागू आदेश",
        "check": "इस प्रमाण पत्र की जाँच करें",
        "check_text": "फ़ोन से कोड स्कैन करें, या {address} खोलकर सत्यापन कोड लिखें। "
        "उत्तर बताएगा कि प्रमाण पत्र अब भी मान्य है या नहीं।",
        "code": "सत्यापन कोड", "signature": "डिजिटल हस्ताक्षर", "key": "हस्ताक्षर की कुंजी",
        "qr": "इस प्रमाण पत्र की जाँच वाले पृष्ठ का QR कोड",
    },
}  # fmt: skip
"""language -> key -> words. Another language than these gets English."""
