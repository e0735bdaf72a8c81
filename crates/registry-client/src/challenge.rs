//! `WWW-Authenticate`: what a registry asks for before it answers (RFC 9110 §11).

/// One challenge: a scheme and its parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawChallenge {
    /// In lower case.
    pub(crate) scheme: String,
    /// Names in lower case, values unquoted; in the order of the header.
    pub(crate) parameters: Vec<(String, String)>,
}

impl RawChallenge {
    /// The value of a parameter: the first of that name.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// What this client can answer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Challenge {
    /// User name and password with each request.
    Basic,
    /// A token from a token service.
    Bearer(BearerChallenge),
}

/// Where a token is to be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BearerChallenge {
    /// The token service's address, as the registry wrote it.
    pub(crate) realm: String,
    /// What the registry calls itself before the token service; Google leaves it out.
    pub(crate) service: Option<String>,
    /// What the request would have needed. Not always right on `/v2/`.
    pub(crate) scope: Option<String>,
    /// Why the token that was shown wasn't enough.
    pub(crate) error: Option<String>,
}

impl Challenge {
    /// Picks the one to answer out of all that were offered: a token rather than a password.
    /// If there is none, gives the names of what was offered.
    pub(crate) fn choose(offered: &[RawChallenge]) -> Result<Self, Vec<String>> {
        let bearer = offered.iter().find_map(|challenge| {
            let realm = challenge.get("realm").filter(|_| challenge.scheme == "bearer")?;
            let text = |name| challenge.get(name).filter(|text| !text.is_empty()).map(str::to_owned);
            Some(BearerChallenge {
                realm: realm.to_owned(),
                service: text("service"),
                scope: text("scope"),
                error: text("error"),
            })
        });
        match bearer {
            Some(bearer) => Ok(Self::Bearer(bearer)),
            None if offered.iter().any(|challenge| challenge.scheme == "basic") => Ok(Self::Basic),
            None => Err(offered.iter().map(|challenge| challenge.scheme.clone()).collect()),
        }
    }
}

/// Reads the challenges of one header's value. What can't be read is skipped: a registry that
/// offers something odd beside `Bearer` can still be used.
pub(crate) fn parse(header: &str) -> Vec<RawChallenge> {
    let mut cursor = Cursor { rest: header };
    let mut challenges: Vec<RawChallenge> = Vec::new();
    loop {
        cursor.skip(|c| c.is_ascii_whitespace() || c == ',');
        if cursor.rest.is_empty() {
            return challenges;
        }
        let word = cursor.token();
        if word.is_empty() {
            cursor.advance_past_separator();
            continue;
        }
        let before = cursor.rest;
        cursor.skip(|c| c.is_ascii_whitespace());
        // `name=value` belongs to the challenge before it; everything else starts a new one.
        if let Some(rest) = cursor.rest.strip_prefix('=').filter(|rest| !rest.starts_with('=')) {
            cursor.rest = rest;
            cursor.skip(|c| c.is_ascii_whitespace());
            let value = cursor.value();
            if let Some(challenge) = challenges.last_mut() {
                challenge.parameters.push((word.to_ascii_lowercase(), value));
            }
        } else {
            cursor.rest = before;
            challenges.push(RawChallenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
            cursor.skip_token68();
        }
    }
}

struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(skipped);
    }

    fn token(&mut self) -> &'a str {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = self.rest.find(|c| !is_token(c)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        token
    }

    /// A value in quotes, or without them up to a comma: Google writes `service=gcr.io`, others
    /// leave slashes and colons unquoted too.
    fn value(&mut self) -> String {
        if let Some(rest) = self.rest.strip_prefix('"') {
            let mut value = String::new();
            let mut chars = rest.char_indices();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        self.rest = &rest[at + 1..];
                        return value;
                    }
                    '\\' => value.extend(chars.next().map(|(_, escaped)| escaped)),
                    c => value.push(c),
                }
            }
            // The closing quote is missing: the rest is the value.
            self.rest = "";
            return value;
        }
        let end = self.rest.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(self.rest.len());
        let (value, rest) = self.rest.split_at(end);
        self.rest = rest;
        value.to_owned()
    }

    /// Skips the one blob that schemes such as Negotiate have instead of parameters.
    fn skip_token68(&mut self) {
        let rest = self.rest.trim_start_matches(|c: char| c.is_ascii_whitespace());
        let end = rest.find(|c: char| c == ',' || c.is_ascii_whitespace()).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let blob = word.trim_end_matches('=');
        let is_blob = !blob.is_empty()
            && blob.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let ends = after.trim_start().is_empty() || after.trim_start().starts_with(',');
        if is_blob && ends && (word.len() != blob.len() || !blob.contains('=')) {
            self.rest = after;
        }
    }

    fn advance_past_separator(&mut self) {
        // A quoted text may hold commas: it is skipped whole.
        if self.rest.starts_with('"') {
            let _ = self.value();
        } else {
            let mut chars = self.rest.chars();
            chars.next();
            self.rest = chars.as_str();
        }
    }
}

#[cfg(test)]
#[path = "challenge/tests.rs"]
mod tests;
