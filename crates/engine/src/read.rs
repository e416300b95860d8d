//! Reading at an offset, without moving the file's position.

use std::fs::File;
use std::io;
use std::sync::Arc;

/// Reads `length` bytes at `offset`. Never through a memory map: faulting pages in and out costs several times as much,
/// and a file that shrinks would crash the process.
///
/// # Errors
/// `UnexpectedEof` if the file is shorter.
pub(crate) fn read_exact_at(file: &File, offset: u64, length: usize) -> io::Result<Arc<[u8]>> {
    let mut text: Arc<[u8]> = std::iter::repeat_n(0, length).collect();
    let bytes = Arc::get_mut(&mut text).expect("nobody else has it yet");
    fill(file, bytes, offset)?;
    Ok(text)
}

#[cfg(unix)]
fn fill(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)
}

#[cfg(windows)]
fn fill(file: &File, mut bytes: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_read(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                bytes = &mut bytes[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
