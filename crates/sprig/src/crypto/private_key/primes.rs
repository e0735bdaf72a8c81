//! Random numbers and probable primes, for DSA's groups. The provider makes primes for RSA only.

use std::sync::LazyLock;

use chartroom_gotemplate::CallError;
use num_bigint::BigUint;

use super::super::random;

/// Rounds of Miller and Rabin's test with random bases: a composite passes once in 4^32 times, and a
/// random number of this size far more seldom.
const ROUNDS: usize = 32;
/// Candidates are divided by these first.
static SMALL: LazyLock<Vec<u32>> =
    LazyLock::new(|| (2..4096).filter(|number| is_small_prime(*number)).collect());

/// A number below 2^bits. The bits are a multiple of 8.
pub(super) fn random(bits: u64) -> Result<BigUint, CallError> {
    let mut bytes = vec![0; usize::try_from(bits / 8).unwrap_or_default()];
    random::fill(&mut bytes)?;
    Ok(BigUint::from_bytes_be(&bytes))
}

/// A prime with so many bits.
pub(super) fn prime(bits: u64) -> Result<BigUint, CallError> {
    loop {
        let mut candidate = random(bits)?;
        candidate.set_bit(0, true);
        candidate.set_bit(bits - 1, true);
        if is_probably_prime(&candidate)? {
            return Ok(candidate);
        }
    }
}

/// Miller and Rabin's test. The number is larger than the small primes' square or one of them.
pub(super) fn is_probably_prime(number: &BigUint) -> Result<bool, CallError> {
    for divisor in SMALL.iter() {
        if number % divisor == BigUint::ZERO {
            return Ok(*number == BigUint::from(*divisor));
        }
    }
    let one = BigUint::from(1_u8);
    if *number <= one {
        return Ok(false);
    }
    let below = number - &one;
    let twos = below.trailing_zeros().unwrap_or_default();
    let odd = &below >> twos;
    for round in 0..ROUNDS {
        // A first round with a fixed base sorts out most composites.
        let base =
            if round == 0 { BigUint::from(2_u8) } else { random(number.bits().div_ceil(8) * 8)? % number };
        if base <= one || base == below {
            continue;
        }
        let mut power = base.modpow(&odd, number);
        if power == one || power == below {
            continue;
        }
        let mut witness = true;
        for _ in 1..twos {
            power = &power * &power % number;
            if power == below {
                witness = false;
                break;
            }
        }
        if witness {
            return Ok(false);
        }
    }
    Ok(true)
}

fn is_small_prime(number: u32) -> bool {
    (2..number)
        .take_while(|divisor| divisor * divisor <= number)
        .all(|divisor| !number.is_multiple_of(divisor))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn primes_are_told_from_others() {
        let number = |text: &str| text.parse::<BigUint>().unwrap();
        for prime in ["2", "3", "4093", "4099", "65537", "170141183460469231731687303715884105727"] {
            assert!(is_probably_prime(&number(prime)).unwrap(), "{prime}");
        }
        // Among them Carmichael numbers, a square, and a product of two large primes.
        for composite in [
            "0",
            "1",
            "4",
            "561",
            "41041",
            "16801801",
            "3215031751",
            "340282366920938463463374607431768211457",
            "2305843009213693953",
        ] {
            assert!(!is_probably_prime(&number(composite)).unwrap(), "{composite}");
        }
    }

    #[test]
    fn primes_have_the_size_that_was_asked_for() {
        let prime = prime(256).unwrap();
        assert_eq!(prime.bits(), 256);
        assert!(is_probably_prime(&prime).unwrap());
    }
}
