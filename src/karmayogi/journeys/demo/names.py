"""Invented people: given and family names of many regions of India, paired within a region, never twice.

The lists are ours and leave out family names that readers would tie to one known person. Any likeness is chance.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Region:
    """Names that go together; `share` is how often the region is drawn, `language` its people's usual choice."""

    share: float
    language: str
    given: tuple[str, ...]
    family: tuple[str, ...]


def _region(share: float, language: str, given: str, family: str) -> Region:
    return Region(share, language, tuple(given.split()), tuple(family.split()))


REGIONS = (
    _region(
        0.26,
        "hi",
        "Aarti Abhay Alka Anil Archana Ashok Babita Brijesh Chhaya Dinesh Ganga Girish Hema Jagdish Kamla Kapil"
        " Lalit Madhuri Mahendra Mamta Manju Naresh Neelam Om Pankaj Poonam Pradeep Prem Pushpa Rajni Ramesh Rekha"
        " Sandeep Sanjay Savita Shanti Suman Suresh Urmila Vandana Vijay Vinod",
        "Agnihotri Awasthi Baghel Bharti Chaturvedi Chaudhary Dixit Dubey Gaur Jaiswal Kashyap Katiyar Kushwaha Lodhi"
        " Maurya Nigam Pandey Pathak Prajapati Rathore Sahu Saxena Shukla Solanki Srivastava Tiwari Tomar Vaishya",
    ),
    _region(
        0.11,
        "ur",
        "Aamir Abida Adil Afreen Anwar Asma Bilal Farah Farid Firoz Ghazala Hina Imran Irfan Javed Kausar Mehnaz"
        " Mohsin Naeem Nasreen Nazia Parveen Rafiq Rubina Saba Sajid Salma Shabnam Shahid Tabassum Tariq Yasmin Zafar"
        " Zeenat",
        "Alvi Ansari Beg Faruqi Ghani Hashmi Idrisi Jafri Kazmi Kidwai Lone Mir Naqvi Qureshi Rizvi Siddiqui Usmani"
        " Wani Zaidi",
    ),
    _region(
        0.12,
        "en",
        "Anandi Arul Bhavani Deepa Ezhil Ilango Jayanthi Kalaivani Kannan Kavitha Kumaran Malar Mani Meena Muthu"
        " Nalini Natesan Parthiban Poongodi Raghavan Revathi Sekar Selvi Senthil Sudha Tamilselvan Thenmozhi Usha"
        " Vasanthi Velan Vetri Yamuna",
        "Annamalai Arumugam Chelliah Durairaj Elangovan Ganesan Iyer Kandasamy Kathiresan Krishnan Manickam"
        " Murugesan Natarajan Palanisamy Perumal Ramasamy Sankaran Subramaniam Thangavel Venkatesan",
    ),
    _region(
        0.09,
        "en",
        "Ajith Ammini Anju Bindu Biju Divya Gopan Jisha Joseph Leela Lijo Manoj Mariam Nisha Omana Prasad Rajan Remya"
        " Roy Sajan Sheeja Shyam Sindhu Thomas Unni Vimala",
        "Chacko Cherian Eapen George Kurian Kurup Mathai Menon Nair Namboothiri Panicker Pillai Varghese Varier",
    ),
    _region(
        0.11,
        "en",
        "Anitha Basava Bhavana Chaitra Chandu Gayatri Girija Harish Jagan Jyothi Kiran Lakshmi Madhavi Mallika Nagesh"
        " Padma Pavan Prabhakar Raghu Rajeshwari Ravi Sarala Shankar Srinivas Sujatha Sunitha Swapna Venkat Vimal",
        "Achari Bhat Chowdary Deshpande Gowda Hegde Joshi Kamath Kulkarni Naidu Nayak Patil Prabhu Rao Reddy Shetty"
        " Srikanth Varma Yadgir",
    ),
    _region(
        0.11,
        "hi",
        "Ajay Anjali Asha Bhaskar Chandrakant Devidas Gauri Hemant Jayashree Kishor Lata Madhav Mangal Milind Nilima"
        " Nitin Pallavi Prakash Rohini Sachin Sadhana Shubhangi Smita Snehal Sudhir Sulabha Tukaram Uday Vaishali"
        " Vilas",
        "Bhosale Chavan Dalvi Deshmukh Gaikwad Ghorpade Jadhav Kadam Kale Kamble Khot Lokhande Mane More Pawar"
        " Salunkhe Sathe Shinde Sonawane Wagh",
    ),
    _region(
        0.06,
        "hi",
        "Alpa Bhavesh Chetan Daksha Falguni Gopal Hansa Hiral Jignesh Kalpesh Ketan Komal Mukesh Nayna Paresh Rupal"
        " Sejal Tejas Urvi Vipul",
        "Bhatt Chauhan Dave Desai Gohil Makwana Mehta Parmar Patel Raval Shah Thakor Trivedi Vaghela",
    ),
    _region(
        0.08,
        "en",
        "Amitava Ananya Arpita Bidisha Chandan Dipankar Gopa Indrani Jhuma Kajal Malati Mitali Nirmal Paromita Partha"
        " Pranab Ratna Sanchita Shibani Soma Subir Sukanta Tapas Tithi",
        "Adhikari Bagchi Biswas Chakraborty Das Dutta Ghosal Guha Halder Kundu Maity Mandal Mitra Pal Roy Saha Sarkar",
    ),
    _region(
        0.09,
        "en",
        "Ankur Banti Bhaben Chinglen Dipali Dorothy Elangbam Gitali Hemolata Ibemcha Jonali Jyoti Kaberi Lalrin Linda"
        " Malsawma Mrinal Nabajit Pallab Prasanta Rinku Rituraj Sanjeev Tage Thangi Wanda Zoramthar",
        "Barman Baruah Boro Deka Doley Hazarika Kalita Khongsit Lyngdoh Marak Medhi Ningthou Pegu Ralte Sangma Saikia"
        " Singh Taba Thokchom",
    ),
    _region(
        0.09,
        "hi",
        "Arvind Bandhan Budhni Chandmani Etwari Fulmani Gurpreet Harjeet Jagmohan Jasbir Kalawati Karam Lakhan Manpreet"
        " Navjot Phulo Rajinder Sanika Shivnath Sukhmani Sumitra Sushila Tarsem",
        "Bedi Besra Dhillon Ekka Gill Hembram Kerketta Khalsa Kujur Lakra Mahato Marandi Minz Munda Murmu Oraon"
        " Sandhu Sidhu Soren Tirkey Toppo Xalxo",
    ),
)


@dataclass(frozen=True)
class Invented:
    """A name and the language its bearer reads in."""

    name: str
    language: str


def draw(count: int, rng: np.random.Generator, *, taken: frozenset[str] = frozenset()) -> list[Invented]:
    """`count` different names, none of them in `taken`; ValueError if the lists hold fewer."""
    chances = np.array([region.share for region in REGIONS])
    room = [[f"{g} {f}" for g in r.given for f in r.family] for r in REGIONS]
    for names in room:
        rng.shuffle(names)
    if count > sum(map(len, room)) // 2:
        raise ValueError("The lists of names are too short for so many people.")
    found: list[Invented] = []
    for region in rng.choice(len(REGIONS), size=2 * count, p=chances / chances.sum()).tolist():
        if len(found) == count:
            break
        name = room[region].pop() if room[region] else ""
        if name and name not in taken:
            found.append(Invented(name, REGIONS[region].language))
    return found
