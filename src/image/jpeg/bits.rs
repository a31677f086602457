//! Reads the bits and Huffman codes of a JPEG's entropy-coded data.

/// The reason that a scan could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BitsEnd {
    /// The data end before the picture does.
    Ended,
    /// The data are not valid.
    Damaged,
}

/// Codes of up to this many bits are found in one look-up.
const SHORT: u32 = 9;

/// A Huffman table.
pub struct HuffmanTable {
    /// Indexed by the next bits: the length of the code in the upper byte, 0 for none or a longer
    /// one, and its symbol in the lower byte.
    short: [u16; 1 << SHORT],
    /// Indexed by length less one: the 16-bit value above its last code and all shorter ones, and
    /// the offset from a code to the index of its symbol.
    longer: [(u32, i32); 16],
    symbols: Vec<u8>,
}

impl HuffmanTable {
    /// Creates a table from the numbers of codes by length and their symbols. Returns `None` if
    /// they do not form a code.
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

    /// Returns the length and symbol of the code at the start of `next`.
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
    /// Offset of the next byte to buffer.
    at: usize,
    /// The next bits from the highest one down, followed by zeros.
    buffer: u64,
    /// Number of bits in the buffer.
    held: u32,
}

impl<'a> Bits<'a> {
    /// Starts at byte `at` of the file.
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
                // A zero follows a data byte that looks like a marker.
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

    /// Reads the next symbol.
    pub fn symbol(&mut self, table: &HuffmanTable) -> Result<u8, BitsEnd> {
        if self.held < 16 {
            self.fill();
        }
        match table.find((self.buffer >> 48) as u16) {
            Some((length, symbol)) if length <= self.held => {
                self.drop(length);
                Ok(symbol)
            }
            None if self.held >= 16 => Err(BitsEnd::Damaged),
            Some(_) | None => Err(BitsEnd::Ended),
        }
    }

    /// Reads the next `count` bits, at most 16.
    pub fn take(&mut self, count: u32) -> Result<u32, BitsEnd> {
        if self.held < count {
            self.fill();
        }
        if self.held < count {
            return Err(BitsEnd::Ended);
        }
        // Two shifts, since count may be 0.
        let bits = (self.buffer >> 1 >> (63 - count)) as u32;
        self.drop(count);
        Ok(bits)
    }

    fn drop(&mut self, count: u32) {
        self.buffer <<= count;
        self.held -= count;
    }

    /// Returns the offset of the marker after the data, or the end of the file. The bits before it
    /// must be padding: less than a byte, or whole bytes of zeros.
    pub fn finish(mut self) -> Result<usize, BitsEnd> {
        self.drop(self.held % 8);
        loop {
            self.fill();
            if self.buffer != 0 {
                return Err(BitsEnd::Damaged);
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
    fn table() -> HuffmanTable {
        let mut counts = [0; 16];
        counts[..3].fill(1);
        HuffmanTable::new(counts, &[5, 6, 7]).unwrap()
    }

    #[test]
    fn symbols_and_bits_come_in_order() {
        let mut bits = Bits::new(&[0b1011_0010, 0xff, 0x00, 0xff, 0xd9], 0);
        let symbols = [(); 3].map(|()| bits.symbol(&table()));
        assert_eq!(symbols, [Ok(6), Ok(7), Ok(5)]);
        assert_eq!(bits.take(9), Ok(0b1_0111_1111));
        assert_eq!(bits.take(2), Err(BitsEnd::Ended));
        assert_eq!(bits.take(0), Ok(0));
        assert_eq!(bits.finish(), Ok(3));
    }

    #[test]
    fn an_unknown_code_is_damage_and_half_a_code_is_the_end() {
        assert_eq!(
            Bits::new(&[0xff, 0, 0xff, 0], 0).symbol(&table()),
            Err(BitsEnd::Damaged)
        );
        let mut bits = Bits::new(&[0b0000_0011], 0);
        assert_eq!(bits.take(6), Ok(0));
        assert_eq!(bits.symbol(&table()), Err(BitsEnd::Ended));
    }

    #[test]
    fn only_padding_may_be_left() {
        assert_eq!(Bits::new(&[0, 0, 0, 0xff, 0xd9], 0).finish(), Ok(3));
        assert_eq!(Bits::new(&[0; 40], 0).finish(), Ok(40));
        assert_eq!(
            Bits::new(&[0, 9, 0xff, 0xd9], 0).finish(),
            Err(BitsEnd::Damaged)
        );
    }

    #[test]
    fn a_table_of_too_many_codes_is_refused() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(HuffmanTable::new(counts, &[1, 2, 3]).is_none());
        assert!(HuffmanTable::new([1; 16], &[1]).is_none());
    }
}
