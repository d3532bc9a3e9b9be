//! Primary keys, and statements that copy rows.

use dblink_engine::session::Session;

use super::stage::{Stage, call};
use crate::failure::Failure;

pub(super) async fn show(session: &mut Session, stage: &mut Stage) -> Result<(), Failure> {
    stage.part("Primary keys, and the statements that copy a row: of the access method with OID 403")?;
    let key = call!(stage, "dblink_get_pkey", session.get_pkey("pg_am")).await?;
    let names: Vec<_> = key.iter().map(|column| column.name.as_str()).collect();
    // Up to version 13 the catalogs have no primary keys.
    stage.answer(if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    })?;
    if !names.is_empty() {
        stage.expect(names, ["oid"])?;
    }
    // The numbers of the key's columns, how many they are, the key here, and the key there.
    let insert = call!(
        stage,
        "dblink_build_sql_insert",
        session.build_sql_insert("pg_am", &[1], 1, &["403"], &["9403"])
    )
    .await?;
    stage.answer(&insert)?;
    stage.expect(
        insert,
        "INSERT INTO pg_am(oid,amname,amhandler,amtype) VALUES('9403','btree','bthandler','i')",
    )?;
    let update = call!(
        stage,
        "dblink_build_sql_update",
        session.build_sql_update("pg_am", &[1], 1, &["403"], &["9403"])
    )
    .await?;
    stage.answer(&update)?;
    stage.expect(
        update,
        "UPDATE pg_am SET oid = '9403', amname = 'btree', amhandler = 'bthandler', amtype = 'i' \
         WHERE oid = '9403'",
    )?;
    let delete = call!(
        stage,
        "dblink_build_sql_delete",
        session.build_sql_delete("pg_am", &[1], 1, &["9403"])
    )
    .await?;
    stage.answer(&delete)?;
    stage.expect(delete, "DELETE FROM pg_am WHERE oid = '9403'")
}
