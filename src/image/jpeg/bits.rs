//! The bits of a JPEG's entropy-coded data, and its Huffman codes.

/// Why a scan cannot be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// The data end before the picture does.
    Ended,
    /// They mean nothing.
    Damaged,
}

/// Codes of so many bits are looked up at once.
const SHORT: u32 = 9;

/// A Huffman table.
pub struct Table {
    /// By the next bits, the length of the code in the upper byte, 0 where it is longer or none, and
    /// its symbol.
    short: [u16; 1 << SHORT],
    /// By length less one, what its last code and all shorter ones lie below, as 16 bits; and which
    /// symbol belongs to a code of it, once the code is added.
    longer: [(u32, i32); 16],
    symbols: Vec<u8>,
}

impl Table {
    /// From the numbers of codes by length, and their symbols. `None` where they are no code.
    pub fn new(counts: [u8; 16], symbols: &[u8]) -> Option<Self> {
        let mut table = Self {
            short: [0; 1 << SHORT],
            longer: [(0, 0); 16],
            symbols: symbols.to_vec(),
        };
        let (mut code, mut symbol) = (0_u32, 0_u32);
        for (length, count) in (1_u32..).zip(counts) {
            let first = code;
            let offset = symbol.cast_signed() - first.cast_signed();
            for _ in 0..count {
                let value = *symbols.get(symbol as usize)?;
                if code >> length != 0 {
                    return None;
                }
                if length <= SHORT {
                    let span = 1 << (SHORT - length);
                    let start = (code as usize) << (SHORT - length);
                    table.short[start..start + span].fill((length as u16) << 8 | u16::from(value));
                }
                code += 1;
                symbol += 1;
            }
            table.longer[length as usize - 1] = (code << (16 - length), offset);
            code <<= 1;
        }
        Some(table)
    }

    /// Length and symbol of the code that `next` begins with.
    fn find(&self, next: u16) -> Option<(u32, u8)> {
        let entry = self.short[usize::from(next >> (16 - SHORT))];
        if entry != 0 {
            return Some((u32::from(entry >> 8), entry as u8));
        }
        let next = u32::from(next);
        let of_length = (1_u32..).zip(self.longer);
        let (length, (_, offset)) = of_length
            .skip(SHORT as usize)
            .find(|(_, (end, _))| next < *end)?;
        let symbol = offset + (next >> (16 - length)).cast_signed();
        let symbol = self.symbols.get(usize::try_from(symbol).ok()?)?;
        Some((length, *symbol))
    }
}

/// Reads entropy-coded data up to the next marker.
pub struct Bits<'a> {
    file: &'a [u8],
    /// The next byte that is not in the buffer yet.
    at: usize,
    /// The next bits, from the highest one down; zeros behind them.
    buffer: u64,
    /// How many of them there are.
    held: u32,
}

impl<'a> Bits<'a> {
    /// From byte `at` of the file on.
    pub fn new(file: &'a [u8], at: usize) -> Self {
        Self {
            file,
            at,
            buffer: 0,
            held: 0,
        }
    }

    fn fill(&mut self) {
        while self.held <= 56 {
            let byte = match self.file.get(self.at..) {
                // A byte that looks like a marker's is followed by a zero.
                Some([0xff, 0x00, ..]) => {
                    self.at += 2;
                    0xff
                }
                Some([0xff, 0xff, ..]) => {
                    self.at += 1;
                    continue;
                }
                Some([0xff, ..] | []) | None => return,
                Some([byte, ..]) => {
                    self.at += 1;
                    *byte
                }
            };
            self.buffer |= u64::from(byte) << (56 - self.held);
            self.held += 8;
        }
    }

    /// The next symbol.
    pub fn symbol(&mut self, table: &Table) -> Result<u8, Stop> {
        if self.held < 16 {
            self.fill();
        }
        match table.find((self.buffer >> 48) as u16) {
            Some((length, symbol)) if length <= self.held => {
                self.drop(length);
                Ok(symbol)
            }
            None if self.held >= 16 => Err(Stop::Damaged),
            Some(_) | None => Err(Stop::Ended),
        }
    }

    /// The next `count` bits, 16 at most.
    pub fn take(&mut self, count: u32) -> Result<u32, Stop> {
        if self.held < count {
            self.fill();
        }
        if self.held < count {
            return Err(Stop::Ended);
        }
        // Shifted in two steps, since count may be 0.
        let bits = (self.buffer >> 1 >> (63 - count)) as u32;
        self.drop(count);
        Ok(bits)
    }

    fn drop(&mut self, count: u32) {
        self.buffer <<= count;
        self.held -= count;
    }

    /// Where the marker behind the data stands, which may be the end of the file. What is left
    /// before it must be padding: less than a byte, and whole bytes of zeros.
    pub fn finish(mut self) -> Result<usize, Stop> {
        self.drop(self.held % 8);
        loop {
            self.fill();
            if self.buffer != 0 {
                return Err(Stop::Damaged);
            }
            if self.held == 0 {
                return Ok(self.at);
            }
            self.held = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 0, 10 and 110 for 5, 6 and 7.
    fn table() -> Table {
        let mut counts = [0; 16];
        counts[..3].fill(1);
        Table::new(counts, &[5, 6, 7]).unwrap()
    }

    #[test]
    fn symbols_and_bits_come_in_order() {
        let mut bits = Bits::new(&[0b1011_0010, 0xff, 0x00, 0xff, 0xd9], 0);
        let symbols = [(); 3].map(|()| bits.symbol(&table()));
        assert_eq!(symbols, [Ok(6), Ok(7), Ok(5)]);
        assert_eq!(bits.take(9), Ok(0b1_0111_1111));
        assert_eq!(bits.take(2), Err(Stop::Ended));
        assert_eq!(bits.take(0), Ok(0));
        assert_eq!(bits.finish(), Ok(3));
    }

    #[test]
    fn what_is_no_code_is_damage_and_what_is_half_a_code_the_end() {
        assert_eq!(
            Bits::new(&[0xff, 0, 0xff, 0], 0).symbol(&table()),
            Err(Stop::Damaged)
        );
        let mut bits = Bits::new(&[0b0000_0011], 0);
        assert_eq!(bits.take(6), Ok(0));
        assert_eq!(bits.symbol(&table()), Err(Stop::Ended));
    }

    #[test]
    fn only_padding_may_be_left() {
        assert_eq!(Bits::new(&[0, 0, 0, 0xff, 0xd9], 0).finish(), Ok(3));
        assert_eq!(Bits::new(&[0; 40], 0).finish(), Ok(40));
        assert_eq!(
            Bits::new(&[0, 9, 0xff, 0xd9], 0).finish(),
            Err(Stop::Damaged)
        );
    }

    #[test]
    fn more_codes_than_there_are_is_no_table() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Table::new(counts, &[1, 2, 3]).is_none());
        assert!(Table::new([1; 16], &[1]).is_none());
    }
}
