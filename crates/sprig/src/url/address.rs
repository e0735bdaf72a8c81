//! IP addresses in URLs: whether they are any, and what Go says of those that aren't.

use chartroom_gotemplate::quote::quote;

/// Fails for what is no IPv6 address, with or without a zone.
pub(super) fn check_ipv6(text: &[u8]) -> Result<(), String> {
    match family(text) {
        Ok(Family::V6) => Ok(()),
        Ok(Family::V4) => Err("invalid IP-literal".to_owned()),
        Err(error) => Err(format!("invalid host: {error}")),
    }
}

/// Fails for what is no IP address, with the errors of Go's `netip.ParseAddr`.
pub fn check_address(text: &[u8]) -> Result<(), String> {
    family(text).map(drop)
}

fn family(text: &[u8]) -> Result<Family, String> {
    let checked = match text.iter().find(|byte| matches!(byte, b'.' | b':' | b'%')) {
        Some(b'.') => ipv4(text).and(Ok(Family::V4)),
        Some(b':') => ipv6(text).and(Ok(Family::V6)),
        Some(_) => Err(Problem::new("missing IPv6 address")),
        None => Err(Problem::new("unable to parse IP")),
    };
    checked.map_err(|problem| {
        let at = problem.at.map(|at| format!(" (at {})", quoted(at))).unwrap_or_default();
        format!("ParseAddr({}): {}{at}", quoted(text), problem.message)
    })
}

#[derive(Clone, Copy)]
enum Family {
    V4,
    V6,
}

fn quoted(text: &[u8]) -> String {
    String::from_utf8_lossy(&quote(text)).into_owned()
}

struct Problem<'a> {
    message: &'static str,
    at: Option<&'a [u8]>,
}

impl<'a> Problem<'a> {
    fn new(message: &'static str) -> Self {
        Self { message, at: None }
    }

    fn at(message: &'static str, rest: &'a [u8]) -> Self {
        Self { message, at: Some(rest) }
    }
}

/// Four numbers up to 255, without zeros before them.
fn ipv4(text: &[u8]) -> Result<(), Problem<'_>> {
    let (mut number, mut digits, mut fields) = (0_u32, 0, 0);
    for (index, &byte) in text.iter().enumerate() {
        let rest = || text.get(index..).unwrap_or_default();
        match byte {
            b'0'..=b'9' => {
                if digits == 1 && number == 0 {
                    return Err(Problem::new("IPv4 field has octet with leading zero"));
                }
                number = number * 10 + u32::from(byte - b'0');
                digits += 1;
                if number > 255 {
                    return Err(Problem::new("IPv4 field has value >255"));
                }
            }
            b'.' if digits == 0 || index + 1 == text.len() => {
                return Err(Problem::at("IPv4 field must have at least one digit", rest()));
            }
            b'.' if fields == 3 => return Err(Problem::new("IPv4 address too long")),
            b'.' => {
                fields += 1;
                (number, digits) = (0, 0);
            }
            _ => return Err(Problem::at("unexpected character", rest())),
        }
    }
    if fields < 3 { Err(Problem::new("IPv4 address too short")) } else { Ok(()) }
}

/// Eight groups of hexadecimal digits, of which `::` may stand for some, and an IPv4 address for the
/// last two.
fn ipv6(text: &[u8]) -> Result<(), Problem<'_>> {
    let address = match memchr::memchr(b'%', text) {
        Some(zone) if zone + 1 == text.len() => {
            return Err(Problem::new("zone must be a non-empty string"));
        }
        Some(zone) => text.get(..zone).unwrap_or_default(),
        None => text,
    };
    let mut rest = address;
    let mut shortened = false;
    if let Some(tail) = rest.strip_prefix(b"::") {
        shortened = true;
        rest = tail;
        if rest.is_empty() {
            return Ok(());
        }
    }
    let mut groups = 0;
    while groups < 8 {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        match digits {
            0 => return Err(Problem::at("each colon-separated field must have at least one digit", rest)),
            5.. => return Err(Problem::at("each group must have 4 or less digits", rest)),
            _ => {}
        }
        let (_, tail) = rest.split_at(digits);
        if tail.starts_with(b".") {
            if !shortened && groups != 6 {
                return Err(Problem::at(
                    "embedded IPv4 address must replace the final 2 fields of the address",
                    rest,
                ));
            }
            if groups > 6 {
                return Err(Problem::at(
                    "too many hex fields to fit an embedded IPv4 at the end of the address",
                    rest,
                ));
            }
            ipv4(rest)?;
            groups += 2;
            rest = b"";
            break;
        }
        groups += 1;
        rest = tail;
        if rest.is_empty() {
            break;
        }
        rest = match rest {
            [b':'] => return Err(Problem::at("colon must be followed by more characters", rest)),
            [b':', tail @ ..] => tail,
            _ => return Err(Problem::at("unexpected character, want colon", rest)),
        };
        if rest.starts_with(b":") {
            if shortened {
                return Err(Problem::at("multiple :: in address", rest));
            }
            shortened = true;
            rest = rest.get(1..).unwrap_or_default();
            if rest.is_empty() {
                break;
            }
        }
    }
    match (rest.is_empty(), groups, shortened) {
        (false, ..) => Err(Problem::at("trailing garbage after address", rest)),
        (true, ..8, false) => Err(Problem::new("address string too short")),
        (true, 8.., true) => Err(Problem::new("the :: must expand to at least one field of zeros")),
        _ => Ok(()),
    }
}
