//! COPY between the local server and the shell's own input and output.

use dblink_engine::connection::{Connection, Error};

use super::answer::{Answer, Failed, Front};
use super::splice;

/// Which way the data goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    In,
    Out,
}

/// Which way a statement copies, if it is a COPY from or to the client.
pub(super) fn direction(sql: &str) -> Option<Direction> {
    if !begins_with_copy(sql) {
        return None;
    }
    splice::with_room(|| parsed_direction(sql))?
}

/// Whether the first word behind blanks and comments is COPY.
fn begins_with_copy(sql: &str) -> bool {
    let mut rest = sql.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment
                .find('\n')
                .and_then(|end| comment.get(end..))
                .unwrap_or_default();
        } else if rest.starts_with("/*") {
            // Comments may be nested: what is a COPY then is for the parser to say.
            return rest.to_ascii_lowercase().contains("copy");
        } else {
            return rest
                .get(..4)
                .is_some_and(|word| word.eq_ignore_ascii_case("copy"));
        }
        rest = rest.trim_start();
    }
}

fn parsed_direction(sql: &str) -> Option<Direction> {
    let parsed = pg_query::parse(sql, 0).ok()?;
    let [statement] = parsed.protobuf.stmts.as_slice() else {
        return None;
    };
    let node = statement.stmt.as_ref()?.node.as_ref()?;
    match node {
        pg_query::NodeEnum::CopyStmt(copy) if copy.filename.is_empty() => Some(match copy.is_from {
            true => Direction::In,
            false => Direction::Out,
        }),
        _ => None,
    }
}

/// Runs a `COPY … FROM STDIN` with the front's data.
pub(super) async fn run_in(
    local: &mut Connection,
    sql: &str,
    front: &mut dyn Front,
    failed: &dyn Fn(&Error) -> Failed,
) -> Result<(), Failed> {
    let mut copy = local.copy_in(sql).await.map_err(|error| failed(&error))?;
    let mut refused = None;
    loop {
        match front.copy_data() {
            // The rest of the data is read all the same: it is no SQL.
            Ok(Some(data)) if refused.is_none() => refused = copy.send(&data).await.err(),
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(failure) => {
                let _ = copy.fail("the input cannot be read").await;
                return Err(Failed::Front(failure));
            }
        }
    }
    let rows = match refused {
        Some(error) => Err(error),
        None => copy.finish().await,
    };
    let rows = rows.map_err(|error| failed(&error))?;
    front
        .answer(Answer::Done(format!("COPY {rows}")))
        .map_err(Failed::Front)
}

/// Runs a `COPY … TO STDOUT`.
pub(super) async fn run_out(
    local: &mut Connection,
    sql: &str,
    front: &mut dyn Front,
    failed: &dyn Fn(&Error) -> Failed,
) -> Result<(), Failed> {
    let mut copy = local.copy_out(sql).await.map_err(|error| failed(&error))?;
    while let Some(data) = copy.next().await.map_err(|error| failed(&error))? {
        front
            .answer(Answer::Copied(data.to_vec()))
            .map_err(Failed::Front)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_copies_from_and_to_the_client_are_told() {
        assert_eq!(direction("copy t from stdin"), Some(Direction::In));
        assert_eq!(
            direction("/* */ COPY (select 1) TO STDOUT (format csv)"),
            Some(Direction::Out)
        );
        assert_eq!(direction("-- copy\n  Copy t from stdin"), Some(Direction::In));
        let deep = format!("/* */ select 'copy'{}", " || 'x'".repeat(3000));
        assert_eq!(direction(&deep), None);
        assert_eq!(direction("copy t to '/tmp/file'"), None);
        assert_eq!(direction("copy t from program 'x'"), None);
        assert_eq!(direction("select 'copy t from stdin'"), None);
    }
}
