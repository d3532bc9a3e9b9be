//! Connections by name.

use dblink_engine::session::Session;

use super::Ends;
use super::stage::{Stage, call, text};
use crate::failure::Failure;

pub(super) async fn show(ends: &Ends, session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    let Ends {
        north,
        south,
        own,
        cancel,
    } = ends;
    stage.part("Connections")?;
    call!(stage, "dblink_connect", session.connect("north", north)).await?;
    stage.answer("ok")?;
    call!(stage, "dblink_connect", session.connect("south", south)).await?;
    stage.answer("ok")?;
    for name in ["north", "south"] {
        cancel
            .borrow_mut()
            .extend(session.connection(name)?.cancel_handle());
    }
    let connections = call!(stage, "", session.connections());
    let mut places = Vec::new();
    for info in connections {
        let name = info.name.unwrap_or_default();
        let server = info.server.unwrap_or_default();
        places.push(vec![name, server, info.dbname, info.user]);
    }
    stage.rows(&places)?;
    if !own {
        for name in ["north", "south"] {
            let rows = session
                .query(name, "select current_setting('transaction_read_only')")
                .await?
                .collect()
                .await?;
            if rows.first().map(|row| text(row, 0)).transpose()?.as_deref() != Some("on") {
                return stage.fail(format_args!(
                    "{name} is not read-only, so that nothing more is done there"
                ));
            }
        }
    }
    call!(stage, "dblink_connect_u", session.connect_u("once more", south)).await?;
    stage.answer("ok")?;
    let names = call!(stage, "dblink_get_connections", session.get_connections());
    stage.answer(names.join(", "))?;
    stage.expect(names, ["north", "once more", "south"])?;
    call!(stage, "dblink_disconnect", session.disconnect("once more")).await?;
    let names = session.get_connections();
    stage.answer(format_args!("{} are left", names.join(" and ")))?;
    stage.expect(names, ["north", "south"])
}
