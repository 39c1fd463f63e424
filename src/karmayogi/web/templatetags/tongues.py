"""English and the 22 languages of the Eighth Schedule, each named in its own script."""

OWN_NAMES = {
    "en": "English",
    "as": "অসমীয়া",
    "bn": "বাংলা",
    "brx": "बर'",
    "doi": "डोगरी",
    "gu": "ગુજરાતી",
    "hi": "हिन्दी",
    "kn": "ಕನ್ನಡ",
    "ks": "کٲشُر",
    "kok": "कोंकणी",
    "mai": "मैथिली",
    "ml": "മലയാളം",
    "mni": "ꯃꯤꯇꯩꯂꯣꯟ",
    "mr": "मराठी",
    "ne": "नेपाली",
    "or": "ଓଡ଼ିଆ",
    "pa": "ਪੰਜਾਬੀ",
    "sa": "संस्कृतम्",
    "sat": "ᱥᱟᱱᱛᱟᱲᱤ",
    "sd": "سنڌي",
    "ta": "தமிழ்",
    "te": "తెలుగు",
    "ur": "اردو",
}

RIGHT_TO_LEFT = {"ks", "sd", "ur"}
