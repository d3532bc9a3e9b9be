//! Which password goes to which host.

use std::path::PathBuf;

use super::Keyword;
use super::environment::{Environment, file_in, home, path};
use super::error::Warning;
use super::host::{Password, Slot};
use super::password_file::{self, Key};
use super::setting::{Settings, Source};

/// The password of each host: the one of the options, or else that of the password file.
pub(super) fn find(
    settings: &mut Settings,
    environment: &dyn Environment,
    slots: &[Slot],
    warnings: &mut Vec<Warning>,
) -> Vec<Option<Password>> {
    if let Some(setting) = settings.get(Keyword::Password)
        && !setting.secret().is_empty()
    {
        let password = Password {
            secret: setting.secret().clone(),
            source: setting.source().clone(),
        };
        return vec![Some(password); slots.len()];
    }
    if settings.filled(Keyword::Passfile).is_none()
        && let Some(home) = home(environment)
    {
        let file = file_in(home, ".pgpass");
        settings.set(
            Keyword::Passfile,
            file.as_os_str().as_encoded_bytes(),
            Source::Default,
        );
    }
    let file: PathBuf = settings.filled(Keyword::Passfile).map(path).unwrap_or_default();
    let content = password_file::read(&file).unwrap_or_else(|warning| {
        warnings.push(warning);
        None
    });
    let socket_folder = environment.socket_folder();
    let find = |slot: &Slot| {
        let key = Key {
            host: slot.password_host(&socket_folder).as_bytes(),
            port: slot.password_port().as_bytes(),
            dbname: settings.text(Keyword::Dbname).as_bytes(),
            user: settings.text(Keyword::User).as_bytes(),
        };
        Some(Password {
            secret: password_file::find(content.as_ref()?.expose(), key)?,
            source: Source::PasswordFile(file.clone()),
        })
    };
    slots.iter().map(find).collect()
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::super::environment::testing::Fixed;
    use super::super::{Config, Conninfo};
    use super::*;

    fn resolve(text: &str, variables: &[(&'static str, &str)]) -> Config {
        let conninfo = Conninfo::parse(text).unwrap();
        conninfo.resolve(&Fixed::new(variables)).unwrap()
    }

    #[test]
    fn a_password_file_has_one_for_each_host() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(".pgpass");
        fs::write(
            &file,
            "a:1:d:u:first\n::1:2:d:u:second\nlocalhost:3:d:u:third\n*:*:*:x:no\n",
        )
        .unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o600)).unwrap();
        let home = [("HOME", folder.path().to_str().unwrap())];

        let text = "user=u dbname=d host=a,,,b hostaddr=::9,::1,, port=1,2,3,4";
        let config = resolve(text, &home);
        let passwords: Vec<_> = config.hosts.iter().map(|host| host.password.clone()).collect();
        let password = |text: &str| {
            Some(Password {
                secret: text.into(),
                source: Source::PasswordFile(file.clone()),
            })
        };
        assert_eq!(
            passwords,
            [password("first"), password("second"), password("third"), None]
        );
        assert_eq!(
            config.setting(Keyword::Passfile).unwrap().to_string(),
            file.to_str().unwrap()
        );

        let config = resolve(&format!("{text} password=given"), &home);
        let given = Password {
            secret: "given".into(),
            source: Source::String,
        };
        assert!(
            config
                .hosts
                .iter()
                .all(|host| host.password.as_ref() == Some(&given))
        );
        assert_eq!(config.setting(Keyword::Passfile), None);
    }

    #[test]
    fn a_password_file_that_is_open_to_others_is_a_warning() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        fs::write(&file, "*:*:*:*:tiger\n").unwrap();
        fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
        let config = resolve(&format!("host=a,b passfile={}", file.display()), &[]);
        assert_eq!(config.warnings, [Warning::OpenToOthers(file)]);
        assert!(config.hosts.iter().all(|host| host.password.is_none()));
    }
}
