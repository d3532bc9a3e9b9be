//! Network addresses.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::failure::{Failure, exactly, malformed, take};

/// The families, as PostgreSQL numbers them.
const IPV4: u8 = 2;
const IPV6: u8 = 3;

/// An `inet` or `cidr`.
///
/// PostgreSQL manual: [Network Address Types](https://www.postgresql.org/docs/current/datatype-net-types.html).
pub(super) fn inet(mut bytes: &[u8]) -> Result<String, Failure> {
    let [family, bits, is_cidr, _] = take(&mut bytes)?;
    let (address, all) = match family {
        IPV4 => (Ipv4Addr::from(exactly::<4>(bytes)?).to_string(), 32),
        IPV6 => (ipv6(exactly::<16>(bytes)?.into()), 128),
        _ => return Err(malformed()),
    };
    if is_cidr == 0 && bits == all {
        return Ok(address);
    }
    Ok(format!("{address}/{bits}"))
}

/// The end of an address that begins with 96 zeros is written as that of IPv4.
fn ipv6(address: Ipv6Addr) -> String {
    match address.segments() {
        [0, 0, 0, 0, 0, 0, seventh, _] if seventh != 0 => {
            let [.., a, b, c, d] = address.octets();
            format!("::{}", Ipv4Addr::new(a, b, c, d))
        }
        _ => address.to_string(),
    }
}

pub(super) fn macaddr(bytes: &[u8]) -> String {
    let bytes: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    bytes.join(":")
}
