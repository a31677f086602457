//! Reads one scan of a JPEG to its end without keeping its picture.

use super::{
    Frame,
    bits::{Bits, BitsEnd, HuffmanTable},
};

/// The contents of a scan header.
pub struct Scan {
    /// The components of the scan.
    pub components: Vec<ScanComponent>,
    /// The first and last coefficient.
    pub band: (u8, u8),
    /// The bit of the coefficients read in earlier scans, 0 for none, and the bit of this one.
    pub approximation: (u8, u8),
    /// Number of blocks, or groups of them, between restart markers; 0 without such markers.
    pub restart_interval: u32,
}

/// A component of a scan.
#[derive(Clone, Copy)]
pub struct ScanComponent {
    /// Index of the component in the frame.
    pub index: usize,
    /// Number of the table for the first coefficient.
    pub dc: usize,
    /// Number of the table for the other coefficients.
    pub ac: usize,
}

/// Huffman tables by number.
#[derive(Default)]
pub struct Tables {
    pub dc: [Option<HuffmanTable>; 4],
    pub ac: [Option<HuffmanTable>; 4],
}

/// A scan that could not be read to its end.
pub struct BrokenScan {
    /// The reason.
    pub stop: BitsEnd,
    /// Per cent of the scan's blocks that were read.
    pub read: u32,
}

impl Scan {
    /// Reads the scan whose data begin at `at`, and returns the offset of the marker after them.
    pub fn read(
        &self,
        frame: &mut Frame,
        tables: &Tables,
        file: &[u8],
        at: usize,
    ) -> Result<usize, BrokenScan> {
        let (columns, rows) = self.units(frame);
        let all = u64::from(columns) * u64::from(rows);
        let mut done = 0_u64;
        let mut reader = Reader {
            scan: self,
            tables,
            bits: Bits::new(file, at),
            blocks_to_skip: 0,
        };
        let run = || {
            for row in 0..rows {
                for column in 0..columns {
                    let interval = u64::from(self.restart_interval);
                    if interval > 0 && done > 0 && done.is_multiple_of(interval) {
                        reader.restart(file, done / interval)?;
                    }
                    reader.unit(frame, column, row)?;
                    done += 1;
                }
            }
            reader.bits.finish()
        };
        let end = run();
        end.map_err(|stop| BrokenScan {
            stop,
            read: u32::try_from(done * 100 / all.max(1)).unwrap_or(0),
        })
    }

    /// Returns the number of units across and down. A unit is a block in a scan of one component,
    /// or else a group of blocks for the smallest area that all components share.
    fn units(&self, frame: &Frame) -> (u32, u32) {
        match self.components[..] {
            [only] => frame.components[only.index].blocks,
            _ => frame.groups,
        }
    }
}

struct Reader<'a> {
    scan: &'a Scan,
    tables: &'a Tables,
    bits: Bits<'a>,
    /// Number of further blocks without data in this scan.
    blocks_to_skip: u32,
}

impl<'a> Reader<'a> {
    fn restart(&mut self, file: &'a [u8], number: u64) -> Result<(), BitsEnd> {
        let bits = std::mem::replace(&mut self.bits, Bits::new(&[], 0));
        let at = bits.finish()?;
        let expected = 0xd0 + ((number - 1) % 8) as u8;
        match file.get(at..at + 2) {
            Some([0xff, marker]) if *marker == expected => {}
            Some([0xff, 0xd0..=0xd7]) => return Err(BitsEnd::Damaged),
            _ => return Err(BitsEnd::Ended),
        }
        self.bits = Bits::new(file, at + 2);
        self.blocks_to_skip = 0;
        Ok(())
    }

    fn unit(&mut self, frame: &mut Frame, column: u32, row: u32) -> Result<(), BitsEnd> {
        let is_progressive = frame.is_progressive;
        if let [only] = self.scan.components[..] {
            let known = frame.components[only.index].known(column, row);
            return self.block(only, is_progressive, known);
        }
        for component in &self.scan.components {
            let (across, down) = frame.components[component.index].sampling;
            for y in 0..down {
                for x in 0..across {
                    let known = frame.components[component.index]
                        .known(column * across + x, row * down + y);
                    self.block(*component, is_progressive, known)?;
                }
            }
        }
        Ok(())
    }

    /// Reads a block. `known` has a bit for each coefficient of the block that is not 0 so far,
    /// where tracked.
    fn block(
        &mut self,
        component: ScanComponent,
        is_progressive: bool,
        known: Option<&mut u64>,
    ) -> Result<(), BitsEnd> {
        let tables = self.tables;
        let (first, last) = self.scan.band;
        if !is_progressive {
            self.first_coefficient(tables.dc[component.dc].as_ref())?;
            let ac = tables.ac[component.ac].as_ref().ok_or(BitsEnd::Damaged)?;
            return self.others(ac, (1, 63), &mut 0);
        }
        let refines = self.scan.approximation.0 > 0;
        if first == 0 {
            if refines {
                return self.bits.take(1).map(drop);
            }
            return self.first_coefficient(tables.dc[component.dc].as_ref());
        }
        let (ac, known) = tables.ac[component.ac]
            .as_ref()
            .zip(known)
            .ok_or(BitsEnd::Damaged)?;
        if refines {
            return self.refine(ac, (first, last), known);
        }
        if self.blocks_to_skip > 0 {
            self.blocks_to_skip -= 1;
            return Ok(());
        }
        self.others(ac, (first, last), known)
    }

    fn first_coefficient(&mut self, table: Option<&HuffmanTable>) -> Result<(), BitsEnd> {
        let size = self.bits.symbol(table.ok_or(BitsEnd::Damaged)?)?;
        if size > 15 {
            return Err(BitsEnd::Damaged);
        }
        self.bits.take(size.into()).map(drop)
    }

    /// Reads the first bits of a band's coefficients.
    fn others(
        &mut self,
        ac: &HuffmanTable,
        band: (u8, u8),
        known: &mut u64,
    ) -> Result<(), BitsEnd> {
        let (mut at, last) = band;
        while at <= last {
            let symbol = self.bits.symbol(ac)?;
            let (zeros, size) = (symbol >> 4, symbol & 15);
            match (zeros, size) {
                (15, 0) => at += 16,
                (_, 0) => {
                    // A sequential file may only have 0 here, which ends the block.
                    self.blocks_to_skip = self.run_of_ends(zeros)? - 1;
                    return Ok(());
                }
                _ => {
                    at += zeros;
                    if at > last {
                        return Err(BitsEnd::Damaged);
                    }
                    self.bits.take(size.into())?;
                    *known |= 1 << at;
                    at += 1;
                }
            }
        }
        Ok(())
    }

    /// Reads one more bit of a band's coefficients that are not 0, and the coefficients that become
    /// so.
    fn refine(
        &mut self,
        ac: &HuffmanTable,
        band: (u8, u8),
        known: &mut u64,
    ) -> Result<(), BitsEnd> {
        let (mut at, last) = band;
        while at <= last && self.blocks_to_skip == 0 {
            let symbol = self.bits.symbol(ac)?;
            let (mut zeros, size) = (symbol >> 4, symbol & 15);
            match (zeros, size) {
                (15, 0) => {}
                (_, 0) => {
                    self.blocks_to_skip = self.run_of_ends(zeros)?;
                    break;
                }
                (_, 1) => {
                    self.bits.take(1)?;
                }
                _ => return Err(BitsEnd::Damaged),
            }
            while at <= last {
                if *known >> at & 1 == 1 {
                    self.bits.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if size == 1 {
                if at > last {
                    return Err(BitsEnd::Damaged);
                }
                *known |= 1 << at;
            }
            at += 1;
        }
        if self.blocks_to_skip > 0 {
            self.blocks_to_skip -= 1;
            while at <= last {
                if *known >> at & 1 == 1 {
                    self.bits.take(1)?;
                }
                at += 1;
            }
        }
        Ok(())
    }

    /// Reads the number of blocks, this one included, that have nothing more in the band.
    fn run_of_ends(&mut self, size: u8) -> Result<u32, BitsEnd> {
        Ok((1 << size) + self.bits.take(size.into())?)
    }
}
