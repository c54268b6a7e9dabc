"""The areas people ask for: canonical names, aliases in English and Arabic. Unknown ones are kept as typed (R1)."""

import re
import unicodedata

# canonical name: (Arabic name, other spellings)
AREAS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Dubai Marina": ("دبي مارينا", ("Marina", "Marsa Dubai")),
    "Jumeirah Beach Residence": ("جميرا بيتش ريزيدنس", ("JBR",)),
    "Jumeirah Lake Towers": ("أبراج بحيرات جميرا", ("Jumeirah Lakes Towers", "JLT")),
    "Jumeirah Village Circle": ("قرية جميرا الدائرية", ("JVC",)),
    "Jumeirah Village Triangle": ("مثلث قرية جميرا", ("JVT",)),
    "Downtown Dubai": ("وسط مدينة دبي", ("Downtown",)),
    "Business Bay": ("الخليج التجاري", ("BB", "BizBay")),
    "Palm Jumeirah": ("نخلة جميرا", ("Palm", "The Palm")),
    "DIFC": ("مركز دبي المالي العالمي", ()),
    "Dubai Hills Estate": ("دبي هيلز استيت", ("Dubai Hills", "DHE")),
    "Arabian Ranches": ("المرابع العربية", ("AR", "Arabian Ranches 1")),
    "Arabian Ranches 2": ("المرابع العربية 2", ("AR2",)),
    "Arabian Ranches 3": ("المرابع العربية 3", ("AR3",)),
    "DAMAC Hills": ("داماك هيلز", ("Akoya", "DH1")),
    "DAMAC Hills 2": ("داماك هيلز 2", ("Akoya Oxygen", "DH2")),
    "Mohammed Bin Rashid City": ("مدينة محمد بن راشد", ("MBR City", "MBRC", "Meydan", "Sobha Hartland")),
    "Dubai Creek Harbour": ("خور دبي", ("DCH", "The Lagoons")),
    "Dubai South": ("دبي الجنوب", ("DWC", "Emaar South")),
    "Dubai Silicon Oasis": ("واحة دبي للسيليكون", ("DSO",)),
    "Dubai Sports City": ("مدينة دبي الرياضية", ("DSC",)),
    "Motor City": ("موتور سيتي", ("MC",)),
    "Dubai Production City": ("مدينة دبي للإنتاج", ("IMPZ",)),
    "Jumeirah Golf Estates": ("عقارات جميرا للجولف", ("JGE",)),
    "Dubai Investment Park": ("مجمع دبي للاستثمار", ("DIP",)),
    "Al Barsha": ("البرشاء", ()),
    "Barsha Heights": ("برشا هايتس", ("TECOM",)),
    "City Walk": ("سيتي ووك", ("CW",)),
    "Dubai Islands": ("جزر دبي", ("Deira Islands",)),
    "Al Furjan": ("الفرجان", ()),
    "Arjan": ("أرجان", ()),
    "Town Square": ("تاون سكوير", ()),
    "Discovery Gardens": ("ديسكفري جاردنز", ()),
    "International City": ("المدينة العالمية", ()),
    "The Greens": ("الروضة", ("Greens",)),
    "The Views": ("ذا فيوز", ("Views",)),
    "The Springs": ("الينابيع", ("Springs",)),
    "The Meadows": ("السهول", ("Meadows",)),
    "The Lakes": ("البحيرات", ("Lakes",)),
    "Emirates Hills": ("تلال الإمارات", ()),
    "Bluewaters": ("بلوواترز", ("Bluewaters Island",)),
    "Mirdif": ("مردف", ()),
    "Deira": ("ديرة", ()),
    "Bur Dubai": ("بر دبي", ()),
    "Al Nahda": ("النهدة", ()),
    "Al Jaddaf": ("الجداف", ()),
    "Tilal Al Ghaf": ("تلال الغاف", ()),
    "The Valley": ("ذا فالي", ()),
    "Villanova": ("فيلانوفا", ()),
    "Mudon": ("مدن", ()),
    "Serena": ("سيرينا", ()),
    "Remraam": ("رمرام", ()),
    "Jumeirah": ("جميرا", ()),
    "Umm Suqeim": ("أم سقيم", ()),
    "Al Quoz": ("القوز", ()),
    "Al Safa": ("الصفا", ()),
    "Al Reem Island": ("جزيرة الريم", ("Reem",)),
    "Yas Island": ("جزيرة ياس", ()),
    "Saadiyat Island": ("جزيرة السعديات", ("Saadiyat",)),
    "Al Raha Beach": ("شاطئ الراحة", ()),
    "Khalifa City": ("مدينة خليفة", ()),
    "Mohammed Bin Zayed City": ("مدينة محمد بن زايد", ("MBZ",)),
    "Al Maryah Island": ("جزيرة المارية", ()),
    "Al Ghadeer": ("الغدير", ()),
    "Masdar City": ("مدينة مصدر", ()),
    "Al Majaz": ("المجاز", ()),
    "Al Khan": ("الخان", ()),
    "Al Taawun": ("التعاون", ()),
    "Al Qasimia": ("القاسمية", ()),
    "Muwaileh": ("مويلح", ("Muweilah",)),
    "Aljada": ("الجادة", ()),
    "Al Zahia": ("الزاهية", ()),
    "Al Nuaimiya": ("النعيمية", ()),
    "Al Rashidiya": ("الراشدية", ()),
    "Al Rawda": ("الروضة عجمان", ()),
    "Emirates City": ("مدينة الإمارات", ()),
}

ARABIC_LETTERS = str.maketrans("أإآىةکی", "اااي" + "ه" + "كي")


def fold(text: str) -> str:
    """The search form: lower case, no diacritics, Arabic letter variants as one, single spaces."""
    bare = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", bare).translate(ARABIC_LETTERS).lower()).strip()


_CANONICAL = {fold(spelling): name for name, (arabic, others) in AREAS.items() for spelling in (name, arabic, *others)}


def canonical(typed: str) -> str:
    """The area's canonical name, or the text as typed where we do not know it."""
    return _CANONICAL.get(fold(typed), typed)


def matching(fragment: str, limit: int = 8) -> list[tuple[str, str]]:
    """Areas with a spelling in which a word starts with `fragment`: (canonical name, Arabic name)."""
    wanted = fold(fragment)
    if not wanted:
        return []
    found = [
        (name, arabic)
        for name, (arabic, others) in AREAS.items()
        if any(f" {wanted}" in f" {fold(spelling)}" for spelling in (name, arabic, *others))
    ]
    return sorted(found, key=lambda area: not fold(area[0]).startswith(wanted))[:limit]


def known(areas: list[str] | None) -> list[str] | None:
    """Of these areas the ones that we know; what else somebody typed may be anything."""
    return [area for area in areas or () if area in AREAS] or None
