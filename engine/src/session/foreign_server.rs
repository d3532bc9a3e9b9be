//! Foreign servers of the local database, which say where to connect to.

use dblink_protocol::Secret;

use super::name::truncate;
use super::{Error, Session};
use crate::conninfo::{Conninfo, DisplayClass, Keyword};

/// A foreign server by its name, with the mapping of the user: the user's own, or that of PUBLIC.
///
/// The view shows the options of a mapping to its owner and to superusers alone.
///
/// PostgreSQL manual: [pg_foreign_server](https://www.postgresql.org/docs/current/catalog-pg-foreign-server.html),
/// [pg_user_mappings](https://www.postgresql.org/docs/current/view-pg-user-mappings.html).
const SERVER: &str = "\
    SELECT s.srvoptions, pg_catalog.has_server_privilege(s.oid, 'USAGE'), current_user::pg_catalog.text, \
        m.umuser IS NOT NULL, m.umoptions, \
        m.umuser OPERATOR(pg_catalog.=) 0 AND NOT pg_catalog.pg_has_role(s.srvowner, 'USAGE') \
    FROM pg_catalog.pg_foreign_server s \
    LEFT JOIN LATERAL ( \
        SELECT u.umuser, u.umoptions FROM pg_catalog.pg_user_mappings u \
        WHERE u.srvid OPERATOR(pg_catalog.=) s.oid AND (u.umuser OPERATOR(pg_catalog.=) 0 \
            OR u.umuser OPERATOR(pg_catalog.=) (SELECT r.oid FROM pg_catalog.pg_roles r \
                WHERE r.rolname OPERATOR(pg_catalog.=) current_user)) \
        ORDER BY u.umuser DESC LIMIT 1) m ON true \
    WHERE s.srvname OPERATOR(pg_catalog.=) $1::pg_catalog.text::pg_catalog.name";

/// Whose options these are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Server,
    UserMapping,
}

impl Owner {
    /// Whether an option counts for a connection when it stands there. Others belong to other foreign-data wrappers.
    fn takes(self, keyword: Keyword) -> bool {
        let display = keyword.option().display;
        if display == DisplayClass::Debug || keyword == Keyword::ClientEncoding {
            return false;
        }
        let personal = keyword == Keyword::User || display == DisplayClass::Password;
        personal == (self == Self::UserMapping)
    }
}

impl Session {
    /// What a foreign server says of connections to it; none if there is none of that name, or no local connection.
    pub(super) async fn foreign_server(&mut self, name: &str) -> Result<Option<Conninfo>, Error> {
        let version = self.local_version();
        let Some(local) = &mut self.local else {
            return Ok(None);
        };
        // A name with a zero byte is nobody's.
        if name.contains('\0') {
            return Ok(None);
        }
        let name = truncate(name);
        let found = local.query_opt(SERVER, &[&name]).await.map_err(Error::Local)?;
        let Some(row) = found else {
            return Ok(None);
        };
        let read = || {
            let server: Option<Vec<String>> = row.get(0)?;
            let usable: bool = row.get(1)?;
            let user: String = row.get(2)?;
            let mapped: bool = row.get(3)?;
            let mapping: Option<Vec<String>> = row.get(4)?;
            let hidden: Option<bool> = row.get(5)?;
            Ok((server, usable, user, mapped, mapping, hidden))
        };
        let (server, usable, user, mapped, mapping, hidden) = read().map_err(Error::Local)?;
        if !mapped {
            return Err(Error::NoUserMapping {
                user,
                server: (version >= 17).then(|| name.to_owned()),
            });
        }
        if !usable {
            return Err(Error::ServerForbidden {
                server: name.to_owned(),
            });
        }
        if hidden == Some(true) {
            return Err(Error::HiddenUserMapping {
                server: name.to_owned(),
            });
        }
        let mut conninfo = Conninfo::new();
        let options = [(Owner::Server, server), (Owner::UserMapping, mapping)];
        for (owner, option) in options
            .iter()
            .flat_map(|(owner, options)| options.iter().flatten().map(move |option| (*owner, option)))
        {
            let (keyword, value) = option.split_once('=').unwrap_or((option, ""));
            match Keyword::from_name(keyword).filter(|keyword| owner.takes(*keyword)) {
                Some(keyword) if keyword.is_secret() => {
                    conninfo = conninfo.set(keyword, Secret::from(value));
                }
                Some(keyword) => conninfo = conninfo.set(keyword, value),
                None => {}
            }
        }
        Ok(Some(conninfo))
    }
}
