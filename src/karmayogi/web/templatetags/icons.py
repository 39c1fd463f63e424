"""The line icons: one path each, drawn on 24 x 24 units and stroked in the colour of the text."""

_CIRCLE = "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18z"
_SHIELD = "M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6z"
_SHEET = "M6 3h9l4 4v14H6zM15 3v4h4"

PATHS = {
    # places of the menu
    "book": "M3 5c4-1 7 0 9 2 2-2 5-3 9-2v13c-4-1-7 0-9 2-2-2-5-3-9-2zM12 7v13",
    "levels": "M4 6h3m4 0h9M4 12h9m4 0h3M4 18h1m4 0h11M7 6a2 2 0 1 0 4 0 2 2 0 0 0-4 0z"
    "M13 12a2 2 0 1 0 4 0 2 2 0 0 0-4 0zM5 18a2 2 0 1 0 4 0 2 2 0 0 0-4 0z",
    "calendar": "M6 5h12a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM4 10h16M9 3v4m6-4v4",
    "medal": "M12 3.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8.5 13.5 7 21.5l5-3 5 3-1.5-8",
    "home": "M3 11.5 12 4l9 7.5M6 9.5V20h12V9.5M10 20v-6h4v6",
    "people": "M9 5a3.2 3.2 0 1 0 0 6.4A3.2 3.2 0 0 0 9 5zM3 20c0-4 3-6 6-6s6 2 6 6"
    "M16.5 6a2.6 2.6 0 0 1 0 5.2M17 14c2.5 0 4 1.8 4 5",
    "person": "M12 4a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM4.5 20.5c0-4.5 3.5-6.5 7.5-6.5s7.5 2 7.5 6.5",
    "seat": "M4 6h16v9H4zM12 15v5M8 20h8M8 10.5h8",
    "office": "M4 21h16M5 21V10h14v11M3 10l9-6 9 6M9 21v-7m6 7v-7",
    "chart": "M4 20V4M4 20h16M8 16v-4m4 4V8m4 8v-6",
    "scales": "M12 4v16M8 20h8M5 7h14M5 7l-2.5 6a3 3 0 0 0 5 0zM19 7l-2.5 6a3 3 0 0 0 5 0z",
    "order": _SHEET + "M9 12h7M9 16h5",
    "register": "M5 4h14v16H5zM5 9h14M5 14h14M10 4v16",
    "tree": "M5 4v14h5M5 10h5M12 8h7v4h-7zM12 16h7v4h-7z",
    "grid": "M4 4h7v7H4zM13 4h7v7h-7zM4 13h7v7H4zM13 13h7v7h-7z",
    "table": "M4 5h16v14H4zM4 10h16M4 14.5h16M10 5v14",
    "list": "M9 6h11M9 12h11M9 18h11M4 6h.1M4 12h.1M4 18h.1",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l2 1.5H4zM10 21h4",
    "rupee": "M7 5h10M7 9h10M7 5h3c6 0 6 8 0 8H7l7 7",
    # states
    "tick": "M4 12.5 9.5 18 20 6",
    "down": "M12 4v15M6 13l6 6 6-6",
    "up": "M12 20V5M6 11l6-6 6 6",
    "wave": "M3 13c3-6 6-6 9-1s6 5 9-1",
    "cross": "M6 6l12 12M18 6 6 18",
    "info": _CIRCLE + "M12 11v6M12 7.5v.2",
    "warn": "M12 4 2.5 20h19zM12 10v5M12 17.5v.2",
    "done": _CIRCLE + "M8 12.5l3 3 5.5-6.5",
    "half": _CIRCLE + "M12 3v18M15 4.5v15M18 6.5v11",
    "ring": _CIRCLE,
    "lock": "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "shield": _SHIELD,
    "sealed": _SHIELD + "M8 12l3 3 5-6",
    "broken": _SHIELD + "M13 3.5l-2.5 5 3.5 3-3 4 1 5",
    "octagon": "M8.5 3h7L21 8.5v7L15.5 21h-7L3 15.5v-7zM9 9l6 6m0-6-6 6",
    "cut": "M3 12a9 9 0 0 1 15-6.7M21 12a9 9 0 0 1-15 6.7M9.5 9.5c0-3 5-3 5 0 0 2-2.5 2-2.5 3.5M12 16.5v.2",
    # kinds of learning and facts
    "check": _CIRCLE + "M9.5 9.5c0-3 5-3 5 0 0 2-2.5 2-2.5 4M12 17v.2",
    "job": "M4 8h16v11H4zM9 8V5h6v3M4 13h16",
    "video": "M4 5h16v14H4zM10 9v6l5-3z",
    "page": _SHEET + "M9 12h7M9 16h7",
    "clock": _CIRCLE + "M12 7v5l3.5 2",
    "load": "M12 4v11M7 11l5 5 5-5M4 20h16",
    "send": "M12 21V9M7 13l5-5 5 5M5 4h14",
    "phone": "M8 3h8a1.5 1.5 0 0 1 1.5 1.5v15A1.5 1.5 0 0 1 16 21H8a1.5 1.5 0 0 1-1.5-1.5v-15"
    "A1.5 1.5 0 0 1 8 3zM11 18h2",
    # acts
    "globe": _CIRCLE + "M3 12h18M12 3c5.5 5.5 5.5 12.5 0 18M12 3c-5.5 5.5-5.5 12.5 0 18",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 21 21",
    "plus": "M12 5v14M5 12h14",
    "to": "M4 12h15M13 6l6 6-6 6",
    "out": "M10 4H4v16h6M9 12h11M15 7l5 5-5 5",
    "print": "M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z",
    "chat": "M4 5h16v11H10l-5 4v-4H4z",
    "flag": "M6 21V4h11l-2 4 2 4H6",
    "eye": "M2.5 12c5-8 14-8 19 0-5 8-14 8-19 0zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
    "key": "M8 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8zM12 12h9M17 12v3.5M20.5 12v2.5",
    "text": "M3 19 9 5l6 14M5 14h8M16 19l3-7 3 7m-5-2h4",
    "route": "M6 18a2 2 0 1 0 0 .1M18 6a2 2 0 1 0 0 .1M8 18h6a4 4 0 0 0 0-8h-4a3 3 0 0 1 0-6h6",
}

DIRECTED = {"to", "out", "chat", "list", "book", "text", "order", "page", "tree", "route", "chart"}
"""Icons that point or read one way: they mirror in right-to-left pages."""
