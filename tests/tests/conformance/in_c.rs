//! Sequences, run by PostgreSQL's own module.

use crate::call::Step;
use crate::outcome::Outcome;
use crate::place::Place;
use crate::psql::Psql;
use crate::sequence::Sequence;

/// Runs a sequence in a new session, and gives what came of each step that has an outcome.
pub(crate) fn run(place: &mut Place, sequence: &Sequence) -> Vec<Outcome> {
    place.reset(&sequence.setup);
    let mut psql = Psql::start(place.cluster, &place.database, sequence.user, "local");
    let mut outcomes = Vec::new();
    for step in &sequence.steps {
        outcomes.push(match step {
            Step::Call(call) => psql.run(&place.expand(&call.sql())),
            Step::Blocked(call, statement) => {
                let sql = place.expand(&call.sql());
                psql.begin(&sql);
                // It has its statement, and waits for something that is not its client.
                place.until(
                    "exists (select from <sessions> where application_name = 'local' \
                     and state = 'active' and wait_event is not null)",
                );
                place.bystander(statement);
                psql.end(&sql)
            }
            Step::Bystander(sql) => place.bystander(sql),
            Step::Until(condition) => {
                place.until(condition);
                continue;
            }
        });
    }
    outcomes
}
