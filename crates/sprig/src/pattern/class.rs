//! Classes of characters by name: those of Perl, of POSIX, and of Unicode.

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

use super::additions::ADDITIONS;

/// A class of the ranges between some characters.
fn class(ranges: &[(char, char)]) -> ClassUnicode {
    ClassUnicode::new(ranges.iter().map(|&(first, last)| ClassUnicodeRange::new(first, last)))
}

/// The class of `\\d` and the like, without its negation.
pub(super) fn perl(letter: u8) -> Option<ClassUnicode> {
    posix(match letter.to_ascii_lowercase() {
        b'd' => b"digit",
        b'w' => b"word",
        b's' => return Some(class(&[('\t', '\n'), ('\x0c', '\r'), (' ', ' ')])),
        _ => return None,
    })
}

/// The class of `[:alpha:]` and the like.
pub(super) fn posix(name: &[u8]) -> Option<ClassUnicode> {
    Some(class(match name {
        b"alnum" => &[('0', '9'), ('A', 'Z'), ('a', 'z')],
        b"alpha" => &[('A', 'Z'), ('a', 'z')],
        b"ascii" => &[('\0', '\x7f')],
        b"blank" => &[('\t', '\t'), (' ', ' ')],
        b"cntrl" => &[('\0', '\x1f'), ('\x7f', '\x7f')],
        b"digit" => &[('0', '9')],
        b"graph" => &[('!', '~')],
        b"lower" => &[('a', 'z')],
        b"print" => &[(' ', '~')],
        b"punct" => &[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')],
        b"space" => &[('\t', '\r'), (' ', ' ')],
        b"upper" => &[('A', 'Z')],
        b"word" => &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')],
        b"xdigit" => &[('0', '9'), ('A', 'F'), ('a', 'f')],
        _ => return None,
    }))
}

/// The class of `\\p{Greek}` and the like: categories, short or long, and scripts, long. Upper and
/// lower case, spaces, hyphens and underscores don't matter.
pub(super) fn unicode(name: &str) -> Option<ClassUnicode> {
    let name = canonical(name);
    match name.as_str() {
        "Any" => return Some(class(&[('\0', char::MAX)])),
        "Ascii" => return posix(b"ascii"),
        "Assigned" => {
            let mut assigned = category("Cn")?;
            assigned.negate();
            return Some(assigned);
        }
        _ => {}
    }
    if let Some(code) = CATEGORIES.iter().find(|code| code.eq_ignore_ascii_case(&name)) {
        return category(code);
    }
    if SCRIPTS.binary_search(&name.as_str()).is_ok() {
        return Some(script(&name));
    }
    let index = CATEGORY_NAMES.binary_search_by_key(&name.as_str(), |&(name, _)| name).ok()?;
    CATEGORY_NAMES.get(index).and_then(|&(_, code)| category(code))
}

/// Starts with a capital, and has neither further ones nor anything between its letters.
fn canonical(name: &str) -> String {
    let letters = name.chars().filter(|letter| !matches!(letter, '_' | '-' | ' '));
    let cased = letters.enumerate().map(|(index, letter)| match index {
        0 => letter.to_ascii_uppercase(),
        _ => letter.to_ascii_lowercase(),
    });
    cased.collect()
}

fn lookup(property: &str) -> Option<ClassUnicode> {
    match regex_syntax::parse(property).ok()?.into_kind() {
        HirKind::Class(Class::Unicode(class)) => Some(class),
        _ => None,
    }
}

fn category(code: &str) -> Option<ClassUnicode> {
    // Text has no surrogates.
    let mut found = if code == "Cs" { ClassUnicode::empty() } else { lookup(&format!(r"\p{{gc={code}}}"))? };
    let unassigned = matches!(code, "C" | "Cn");
    let within = |category: &str| match code {
        "LC" => matches!(category, "Lu" | "Ll" | "Lt"),
        _ => unassigned || category.starts_with(code),
    };
    let added = additions(|category, _| within(category));
    if unassigned {
        found.difference(&added);
    } else {
        found.union(&added);
    }
    // A letter that lost its case with Unicode 17.
    let stop = class(&[('ʕ', 'ʕ')]);
    match code {
        "Ll" | "LC" => found.difference(&stop),
        "Lo" => found.union(&stop),
        _ => {}
    }
    Some(found)
}

fn script(name: &str) -> ClassUnicode {
    // Scripts that are new as a whole are found among the additions only.
    let mut found = lookup(&format!(r"\p{{sc={name}}}")).unwrap_or_else(ClassUnicode::empty);
    found.union(&additions(|_, script| canonical(script) == name));
    found
}

fn additions(wanted: impl Fn(&str, &str) -> bool) -> ClassUnicode {
    let added = ADDITIONS.iter().filter(|(_, _, category, script)| wanted(category, script));
    ClassUnicode::new(added.map(|&(first, last, ..)| ClassUnicodeRange::new(first, last)))
}

static CATEGORIES: [&str; 38] = [
    "C", "Cc", "Cf", "Cn", "Co", "Cs", "L", "LC", "Ll", "Lm", "Lo", "Lt", "Lu", "M", "Mc", "Me", "Mn", "N",
    "Nd", "Nl", "No", "P", "Pc", "Pd", "Pe", "Pf", "Pi", "Po", "Ps", "S", "Sc", "Sk", "Sm", "So", "Z", "Zl",
    "Zp", "Zs",
];

static CATEGORY_NAMES: [(&str, &str); 42] = [
    ("Casedletter", "LC"),
    ("Closepunctuation", "Pe"),
    ("Cntrl", "Cc"),
    ("Combiningmark", "M"),
    ("Connectorpunctuation", "Pc"),
    ("Control", "Cc"),
    ("Currencysymbol", "Sc"),
    ("Dashpunctuation", "Pd"),
    ("Decimalnumber", "Nd"),
    ("Digit", "Nd"),
    ("Enclosingmark", "Me"),
    ("Finalpunctuation", "Pf"),
    ("Format", "Cf"),
    ("Initialpunctuation", "Pi"),
    ("Letter", "L"),
    ("Letternumber", "Nl"),
    ("Lineseparator", "Zl"),
    ("Lowercaseletter", "Ll"),
    ("Mark", "M"),
    ("Mathsymbol", "Sm"),
    ("Modifierletter", "Lm"),
    ("Modifiersymbol", "Sk"),
    ("Nonspacingmark", "Mn"),
    ("Number", "N"),
    ("Openpunctuation", "Ps"),
    ("Other", "C"),
    ("Otherletter", "Lo"),
    ("Othernumber", "No"),
    ("Otherpunctuation", "Po"),
    ("Othersymbol", "So"),
    ("Paragraphseparator", "Zp"),
    ("Privateuse", "Co"),
    ("Punct", "P"),
    ("Punctuation", "P"),
    ("Separator", "Z"),
    ("Spaceseparator", "Zs"),
    ("Spacingmark", "Mc"),
    ("Surrogate", "Cs"),
    ("Symbol", "S"),
    ("Titlecaseletter", "Lt"),
    ("Unassigned", "Cn"),
    ("Uppercaseletter", "Lu"),
];

static SCRIPTS: [&str; 174] = [
    "Adlam",
    "Ahom",
    "Anatolianhieroglyphs",
    "Arabic",
    "Armenian",
    "Avestan",
    "Balinese",
    "Bamum",
    "Bassavah",
    "Batak",
    "Bengali",
    "Beriaerfe",
    "Bhaiksuki",
    "Bopomofo",
    "Brahmi",
    "Braille",
    "Buginese",
    "Buhid",
    "Canadianaboriginal",
    "Carian",
    "Caucasianalbanian",
    "Chakma",
    "Cham",
    "Cherokee",
    "Chorasmian",
    "Common",
    "Coptic",
    "Cuneiform",
    "Cypriot",
    "Cyprominoan",
    "Cyrillic",
    "Deseret",
    "Devanagari",
    "Divesakuru",
    "Dogra",
    "Duployan",
    "Egyptianhieroglyphs",
    "Elbasan",
    "Elymaic",
    "Ethiopic",
    "Garay",
    "Georgian",
    "Glagolitic",
    "Gothic",
    "Grantha",
    "Greek",
    "Gujarati",
    "Gunjalagondi",
    "Gurmukhi",
    "Gurungkhema",
    "Han",
    "Hangul",
    "Hanifirohingya",
    "Hanunoo",
    "Hatran",
    "Hebrew",
    "Hiragana",
    "Imperialaramaic",
    "Inherited",
    "Inscriptionalpahlavi",
    "Inscriptionalparthian",
    "Javanese",
    "Kaithi",
    "Kannada",
    "Katakana",
    "Kawi",
    "Kayahli",
    "Kharoshthi",
    "Khitansmallscript",
    "Khmer",
    "Khojki",
    "Khudawadi",
    "Kiratrai",
    "Lao",
    "Latin",
    "Lepcha",
    "Limbu",
    "Lineara",
    "Linearb",
    "Lisu",
    "Lycian",
    "Lydian",
    "Mahajani",
    "Makasar",
    "Malayalam",
    "Mandaic",
    "Manichaean",
    "Marchen",
    "Masaramgondi",
    "Medefaidrin",
    "Meeteimayek",
    "Mendekikakui",
    "Meroiticcursive",
    "Meroitichieroglyphs",
    "Miao",
    "Modi",
    "Mongolian",
    "Mro",
    "Multani",
    "Myanmar",
    "Nabataean",
    "Nagmundari",
    "Nandinagari",
    "Newa",
    "Newtailue",
    "Nko",
    "Nushu",
    "Nyiakengpuachuehmong",
    "Ogham",
    "Olchiki",
    "Oldhungarian",
    "Olditalic",
    "Oldnortharabian",
    "Oldpermic",
    "Oldpersian",
    "Oldsogdian",
    "Oldsoutharabian",
    "Oldturkic",
    "Olduyghur",
    "Olonal",
    "Oriya",
    "Osage",
    "Osmanya",
    "Pahawhhmong",
    "Palmyrene",
    "Paucinhau",
    "Phagspa",
    "Phoenician",
    "Psalterpahlavi",
    "Rejang",
    "Runic",
    "Samaritan",
    "Saurashtra",
    "Sharada",
    "Shavian",
    "Siddham",
    "Sidetic",
    "Signwriting",
    "Sinhala",
    "Sogdian",
    "Sorasompeng",
    "Soyombo",
    "Sundanese",
    "Sunuwar",
    "Sylotinagri",
    "Syriac",
    "Tagalog",
    "Tagbanwa",
    "Taile",
    "Taitham",
    "Taiviet",
    "Taiyo",
    "Takri",
    "Tamil",
    "Tangsa",
    "Tangut",
    "Telugu",
    "Thaana",
    "Thai",
    "Tibetan",
    "Tifinagh",
    "Tirhuta",
    "Todhri",
    "Tolongsiki",
    "Toto",
    "Tulutigalari",
    "Ugaritic",
    "Vai",
    "Vithkuqi",
    "Wancho",
    "Warangciti",
    "Yezidi",
    "Yi",
    "Zanabazarsquare",
];
