//! Connection strings made at random, with the grammar in mind: the same ones in every run.

use dblink_engine::conninfo::{Keyword, Kind};

/// Makes connection strings.
pub(crate) struct Generator(u64);

impl Generator {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A random number below `end`, by the method SplitMix64.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^= bits >> 31;
        usize::try_from(bits % u64::try_from(end).unwrap()).unwrap()
    }

    /// Whether one of `of` cases has come.
    pub(crate) fn one_in(&mut self, of: usize) -> bool {
        self.below(of) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Keywords and values, with a few mistakes.
    pub(crate) fn keyword_value(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        for _ in 0..self.below(6) {
            text.extend(self.blanks());
            text.extend(self.keyword());
            text.extend(self.blanks());
            if !self.one_in(30) {
                text.push(b'=');
            }
            text.extend(self.blanks());
            text.extend(self.quoted_value());
            if !self.one_in(10) {
                text.push(b' ');
            }
        }
        self.mutate(text)
    }

    /// A URI, with a few mistakes.
    pub(crate) fn uri(&mut self) -> Vec<u8> {
        let mut text = self
            .pick(&[
                "postgresql://",
                "postgres://",
                "postgresql://",
                "postgres://",
                "postgres:/",
            ])
            .as_bytes()
            .to_vec();
        if self.one_in(2) {
            text.extend(self.component());
            if self.one_in(2) {
                text.push(b':');
                text.extend(self.component());
            }
            text.push(b'@');
        }
        for at in 0..self.below(4) {
            if at > 0 {
                text.push(b',');
            }
            if self.one_in(3) {
                let address = self.pick(&[
                    "[::1]",
                    "[fe80::1%25eth0]",
                    "[]",
                    "[::1",
                    "[::1]x",
                    "[a/b?c@d]",
                    "::1",
                ]);
                let address = if self.one_in(3) { address } else { "[::1]" };
                text.extend(address.as_bytes());
            } else {
                text.extend(self.component());
            }
            if self.one_in(2) {
                text.extend(self.pick(&[":5432", ":", ":1", ":x", ":%31", ": 1 "]).as_bytes());
            }
        }
        if self.one_in(2) {
            text.push(b'/');
            text.extend(self.component());
        }
        if self.one_in(2) {
            text.push(b'?');
            for _ in 0..self.below(4) {
                text.extend(self.keyword());
                if !self.one_in(20) {
                    text.push(b'=');
                }
                text.extend(self.component());
                if !self.one_in(10) {
                    text.push(b'&');
                }
            }
        }
        self.mutate(text)
    }

    /// A keyword, now and then one that is none.
    fn keyword(&mut self) -> Vec<u8> {
        if self.one_in(25) {
            let others = [
                "bogus",
                "HOST",
                "ssl",
                "tty",
                "requiressl",
                "authtype",
                "",
                "host\u{fc}",
                "Port",
            ];
            return self.pick(&others).as_bytes().to_vec();
        }
        loop {
            let keyword = self.pick(Keyword::ALL);
            // The libpq to compare with does not know it yet.
            if keyword != Keyword::Servicefile {
                return keyword.name().as_bytes().to_vec();
            }
        }
    }

    fn blanks(&mut self) -> Vec<u8> {
        let blanks = ["", "", "", "", " ", "  ", "\t", "\n", "\r\n", "\x0b", "\x0c"];
        self.pick(&blanks).as_bytes().to_vec()
    }

    /// Bytes that mean something in one grammar or the other, and some that do not.
    fn bytes(&mut self) -> Vec<u8> {
        let pieces: &[&[u8]] = &[
            b"a",
            b"b",
            b"Z",
            b"0",
            b"5432",
            b"host",
            b"=",
            b"'",
            b"\\",
            b"\\\\",
            b"\\'",
            b" ",
            b"\t",
            b",",
            b";",
            b":",
            b"/",
            b"@",
            b"?",
            b"&",
            b"%",
            b"%20",
            b"#",
            b"[",
            b"]",
            b"+",
            b"*",
            b"\x01",
            b"\x7f",
            b"\xff",
            b"\xc3\xbc",
            b"\xe2\x82\xac",
            b"-",
            b"_",
            b".",
            b"true",
            b"\xa0",
            b"\x85",
        ];
        let length = self.below(5);
        let mut bytes = Vec::new();
        for _ in 0..length {
            bytes.extend(self.pick(pieces));
        }
        bytes
    }

    fn quoted_value(&mut self) -> Vec<u8> {
        let value = match self.below(4) {
            0 => self.bytes(),
            _ => b"value"[..self.below(6)].to_vec(),
        };
        if self.one_in(2) {
            return value;
        }
        let mut quoted = vec![b'\''];
        for byte in value {
            if matches!(byte, b'\'' | b'\\') && !self.one_in(10) {
                quoted.push(b'\\');
            }
            quoted.push(byte);
        }
        if !self.one_in(20) {
            quoted.push(b'\'');
        }
        quoted
    }

    /// A component of a URI: mostly well encoded.
    fn component(&mut self) -> Vec<u8> {
        let fixed: &[&[u8]] = &[
            b"h",
            b"user",
            b"db.example",
            b"127.0.0.1",
            b"%2Ftmp",
            b"%20",
            b" a ",
            b"a b",
            b"%00",
            b"%zz",
            b"%",
            b"%f",
            b"%C3%BC",
            b"%ff",
            b"%3d",
            b"%26",
            b"",
            b"1",
            b"true",
            b"+",
            b"a%20b",
        ];
        match self.below(12) {
            0 => self.bytes(),
            1 => self.pick(fixed).to_vec(),
            2 => {
                let bytes = self.bytes();
                bytes
                    .iter()
                    .flat_map(|byte| format!("%{byte:02X}").into_bytes())
                    .collect()
            }
            _ => self.pick(&fixed[..7]).to_vec(),
        }
    }

    /// Now and then drops, doubles or replaces a byte.
    fn mutate(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        while !text.is_empty() && self.one_in(5) {
            let at = self.below(text.len());
            match self.below(3) {
                0 => {
                    text.remove(at);
                }
                1 => text.insert(at, text[at]),
                _ => text[at] = u8::try_from(1 + self.below(255)).unwrap(),
            }
        }
        // Nobody can hand a zero byte to libpq.
        text.retain(|&byte| byte != 0);
        text
    }

    /// A value for the option: mostly one that it takes.
    pub(crate) fn value(&mut self, keyword: Keyword) -> String {
        // A word as a host would have to be looked up.
        if keyword != Keyword::Host && self.one_in(8) {
            return self
                .pick(&["", "x", " ", "Prefer", "prefer ", "\u{fc}"])
                .to_owned();
        }
        let lists: &[&str] = match keyword {
            Keyword::Host => &[
                "",
                "/nonexistent",
                "@dblink-nobody",
                "127.0.0.1",
                "/nonexistent,/tmp/none",
                ",",
                "::1,,/none",
            ],
            Keyword::Hostaddr => &["", "", "127.0.0.1", "::1", "127.0.0.1,::1", ",", "127.0.0.1,,"],
            Keyword::Port => &[
                "",
                "1",
                "1",
                "1,2",
                "1,2,3",
                ",",
                "0",
                "65536",
                "-1",
                " 2 ",
                "x",
                "99999999999",
            ],
            Keyword::RequireAuth => &[
                "",
                "md5",
                "!md5",
                "none",
                "!none",
                "scram-sha-256,md5",
                "md5,md5",
                "!md5,password",
                "md5,!password",
                "oauth",
                "gss,sspi",
                "md5,",
                "scram",
                "none,none",
                "!none,!none",
                "!oauth,!scram-sha-256",
                ",",
            ],
            Keyword::ScramClientKey | Keyword::ScramServerKey => &[
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
                "AAAA",
                "!",
                "AAA",
                "=",
            ],
            Keyword::SslMinProtocolVersion | Keyword::SslMaxProtocolVersion => {
                &["TLSv1", "TLSv1.1", "TLSv1.2", "tlsv1.3", "", "TLSv1.4"]
            }
            Keyword::Sslrootcert => &["", "system", "/nonexistent", "System"],
            Keyword::ClientEncoding => &["UTF8", "auto", "", "AUTO"],
            Keyword::User | Keyword::Dbname => &["", "scott", "sales", "a b", "x=y", "postgres://h"],
            Keyword::Service => &["s", "t", "missing"],
            _ => match keyword.option().kind {
                Kind::OneOf(values) => values,
                Kind::Integer => &["0", "1", " 7 ", "-1", "30", "x", ""],
                _ => &["", "a", "/nonexistent", "1", "a b'\\c"],
            },
        };
        self.pick(lists).to_owned()
    }
}
