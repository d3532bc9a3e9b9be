//! `client_encoding=auto`: the encoding that the locale names.

use super::environment::Environment;

/// The encoding of the locale, by PostgreSQL's name; empty if the locale's is none that PostgreSQL knows.
///
/// libpq asks the C library, whose answer depends on whether the program has called `setlocale`. Here it is what a
/// program that has called it would get, as far as the locale's name tells.
///
/// PostgreSQL manual:
/// [client_encoding](https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-CLIENT-ENCODING).
pub(super) fn encoding(environment: &dyn Environment) -> &'static str {
    let variables = ["LC_ALL", "LC_CTYPE", "LANG"];
    let mut values = variables.iter().filter_map(|name| environment.variable(name));
    let locale = values.find(|value| !value.is_empty()).unwrap_or_default();
    let locale = String::from_utf8_lossy(&locale).to_ascii_lowercase();
    if ["", "c", "posix"].contains(&locale.as_str()) {
        return "SQL_ASCII";
    }
    // As in `de_DE.ISO-8859-15@euro`.
    let codeset = locale.split('@').next().and_then(|name| name.split_once('.'));
    let codeset = codeset.map(|(_, codeset)| codeset.replace(['-', '_'], ""));
    let codeset = codeset.unwrap_or_default();
    let found = CODESETS
        .iter()
        .find(|(names, _)| names.contains(&codeset.as_str()));
    found.map_or("", |(_, encoding)| encoding)
}

/// Names of code sets, in small letters and without hyphens, and PostgreSQL's names.
const CODESETS: &[(&[&str], &str)] = &[
    (&["utf8"], "UTF8"),
    (&["usascii", "ansix3.41968"], "SQL_ASCII"),
    (&["iso88591"], "LATIN1"),
    (&["iso88592"], "LATIN2"),
    (&["iso88593"], "LATIN3"),
    (&["iso88594"], "LATIN4"),
    (&["iso88595"], "ISO_8859_5"),
    (&["iso88596"], "ISO_8859_6"),
    (&["iso88597"], "ISO_8859_7"),
    (&["iso88598"], "ISO_8859_8"),
    (&["iso88599"], "LATIN5"),
    (&["iso885910"], "LATIN6"),
    (&["iso885913"], "LATIN7"),
    (&["iso885914"], "LATIN8"),
    (&["iso885915"], "LATIN9"),
    (&["iso885916"], "LATIN10"),
    (&["koi8r"], "KOI8R"),
    (&["koi8u"], "KOI8U"),
    (&["cp866"], "WIN866"),
    (&["cp874"], "WIN874"),
    (&["cp1250"], "WIN1250"),
    (&["cp1251"], "WIN1251"),
    (&["cp1252"], "WIN1252"),
    (&["cp1253"], "WIN1253"),
    (&["cp1254"], "WIN1254"),
    (&["cp1255"], "WIN1255"),
    (&["cp1256"], "WIN1256"),
    (&["cp1257"], "WIN1257"),
    (&["cp1258"], "WIN1258"),
    (&["eucjp"], "EUC_JP"),
    (&["euccn", "gb2312"], "EUC_CN"),
    (&["euckr"], "EUC_KR"),
    (&["euctw"], "EUC_TW"),
    (&["sjis", "shiftjis"], "SJIS"),
    (&["big5"], "BIG5"),
    (&["gbk"], "GBK"),
    (&["uhc"], "UHC"),
    (&["gb18030"], "GB18030"),
];

#[cfg(test)]
mod tests {
    use super::super::environment::testing::Fixed;
    use super::*;

    #[test]
    fn the_locale_names_it() {
        for (locale, expected) in [
            ("C.UTF-8", "UTF8"),
            ("de_DE.utf8", "UTF8"),
            ("de_DE.ISO-8859-15@euro", "LATIN9"),
            ("ru_RU.KOI8-R", "KOI8R"),
            ("C", "SQL_ASCII"),
            ("POSIX", "SQL_ASCII"),
            ("de_DE", ""),
            ("xx_XX.klingon", ""),
        ] {
            assert_eq!(encoding(&Fixed::new(&[("LANG", locale)])), expected, "{locale}");
        }
        assert_eq!(encoding(&Fixed::default()), "SQL_ASCII");
    }

    #[test]
    fn the_strongest_variable_counts() {
        let variables = [("LC_ALL", ""), ("LC_CTYPE", "C"), ("LANG", "C.UTF-8")];
        assert_eq!(encoding(&Fixed::new(&variables)), "SQL_ASCII");
        assert_eq!(encoding(&Fixed::new(&variables[2..])), "UTF8");
        assert_eq!(
            encoding(&Fixed::new(&[("LC_ALL", "C.UTF-8"), ("LC_CTYPE", "C")])),
            "UTF8"
        );
    }
}
