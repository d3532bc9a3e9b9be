//! Whole worlds made at random: variables, service files, a password file, and connection strings in them.

use dblink_engine::conninfo::Keyword;
use tempfile::TempDir;

use super::environment::{world_in, write};
use super::generate::Generator;
use super::ours::Tally;
use super::values::option;

#[test]
fn generated_worlds() {
    let mut generator = Generator::new(5);
    let mut total = Tally::default();
    for _ in 0..600 {
        let folder = TempDir::new().unwrap();
        let mut world = world_in(folder.path());
        world.set("PGHOST", "/nonexistent");
        for _ in 0..generator.below(6) {
            let keyword = generator.pick(Keyword::ALL);
            if let Some(variable) = keyword.option().variable
                && !matches!(keyword, Keyword::Servicefile | Keyword::Passfile)
            {
                world.set(variable, generator.value(keyword));
            }
        }
        if generator.one_in(8) {
            world.set("PGREQUIRESSL", generator.pick(&["1", "0", ""]));
        }
        let other = folder.path().join("other");
        if generator.one_in(4) {
            world.set("PGSERVICEFILE", other.to_str().unwrap());
        }
        for path in ["home/.pg_service.conf", "etc/pg_service.conf", "other"] {
            if !generator.one_in(3) {
                write(&folder.path().join(path), service_file(&mut generator), 0o644);
            }
        }
        let mode = generator.pick(&[0o600, 0o600, 0o600, 0o644]);
        write(
            &folder.path().join("home/.pgpass"),
            password_file(&mut generator),
            mode,
        );
        let texts: Vec<_> = (0..6)
            .map(|_| {
                let mut text = String::new();
                for _ in 0..generator.below(4) {
                    let keyword = generator.pick(&[
                        Keyword::Service,
                        Keyword::User,
                        Keyword::Dbname,
                        Keyword::Host,
                        Keyword::Port,
                        Keyword::Sslmode,
                        Keyword::ApplicationName,
                    ]);
                    text += &option(keyword, &generator.value(keyword));
                }
                text.into_bytes()
            })
            .collect();
        total.add(world.assert_same(&texts));
    }
    println!("{total:?}");
    assert!(
        total.accepted > 700 && total.refused > 700 && total.messages.len() > 12,
        "{total:?}"
    );
}

fn service_file(generator: &mut Generator) -> String {
    let mut content = String::new();
    for _ in 0..generator.below(12) {
        match generator.below(12) {
            0..=2 => {
                content += generator.pick(&["[s]", "[t]", "[u]", " [s] ", "[ s]", "[s", "[s]x", "[]"]);
            }
            3 => content += generator.pick(&["# [s]", "", " ", "\t#x"]),
            4 if generator.one_in(3) => {
                content +=
                    generator.pick(&["nonsense", "bogus=1", "service=t", "port =1", "=", "requiressl=1"]);
            }
            _ => {
                let keyword = generator.pick(&[
                    Keyword::User,
                    Keyword::Dbname,
                    Keyword::Port,
                    Keyword::Password,
                    Keyword::Sslmode,
                    Keyword::Options,
                    Keyword::RequireAuth,
                    Keyword::TargetSessionAttrs,
                ]);
                content += &format!("{}={}", keyword.name(), generator.value(keyword));
            }
        }
        content += generator.pick(&["\n", "\n", "\n", "\r\n", " \n"]);
    }
    content
}

fn password_file(generator: &mut Generator) -> String {
    let mut content = String::new();
    for _ in 0..generator.below(6) {
        let fields: [&[&str]; 5] = [
            &[
                "*",
                "*",
                "localhost",
                "/nonexistent",
                "127.0.0.1",
                "::1",
                "/tmp/none",
                "",
            ],
            &["*", "*", "5432", "1", "2", ""],
            &["*", "*", "sales", "scott", "x=y", "a b", ""],
            &["*", "*", "scott", "sales", "a b", "root", ""],
            &["tiger", "a\\:b", "c:d", "", "\\", "\u{fc}"],
        ];
        let fields = fields.map(|values| generator.pick(values));
        content += &fields.join(generator.pick(&[":", ":", ":", ":", "\\:"]));
        content += generator.pick(&["\n", "\n", "\r\n", "\n#\n"]);
    }
    content
}
