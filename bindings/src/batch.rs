//! A batch of rows as one `ArrayBuffer`, read by `ts/native/batch.ts`.
//!
//! Little-endian. Header: 8 u32 (rows, files, ranges, text bytes, path bytes, flags, replaced bytes, 0). Then the
//! columns, widest first so that each is aligned: `line` f64, `offset` f64, `file` u32, `textEnd` u32, `rangeEnd` u32 a
//! row; `ranges` 2 u32 and, with flag 2, `pattern` u32 a range; with flag 4, `replacedEnd` u32 a row; `pathEnd` u32 a
//! file; with flag 1, `kind` u8 a row; then the bytes of texts, paths and replacements.

use std::ffi::c_void;
use std::ptr;

use napi::bindgen_prelude::{ToNapiValue, TypeName, check_status};
use napi::{Result, ValueType, sys};
use quern_engine::Batch;

const HAS_KIND: u32 = 1;
const HAS_PATTERN: u32 = 2;
const HAS_REPLACED: u32 = 4;

/// The bytes of one batch, not yet in JavaScript.
pub struct BatchBytes(Vec<u8>);

impl BatchBytes {
    /// Lays the columns of a batch out.
    pub fn of(batch: &Batch) -> BatchBytes {
        let rows = &batch.rows;
        let mut flags = 0;
        flags |= if rows.kind.iter().any(|&kind| kind != 0) {
            HAS_KIND
        } else {
            0
        };
        flags |= if rows.pattern.is_empty() { 0 } else { HAS_PATTERN };
        flags |= if rows.replaced_end.is_empty() {
            0
        } else {
            HAS_REPLACED
        };
        let header = [
            rows.line.len() as u32,
            batch.path_end.len() as u32,
            (rows.range.len() / 2) as u32,
            rows.text.len() as u32,
            batch.path.len() as u32,
            flags,
            rows.replaced.len() as u32,
            0,
        ];
        let mut bytes = Vec::with_capacity(
            32 + rows.line.len() * 33
                + rows.range.len() * 6
                + batch.path_end.len() * 4
                + rows.text.len()
                + batch.path.len()
                + rows.replaced.len(),
        );
        put_u32(&mut bytes, &header);
        put_f64(&mut bytes, &rows.line);
        put_f64(&mut bytes, &rows.offset);
        put_u32(&mut bytes, &batch.file);
        put_u32(&mut bytes, &rows.text_end);
        put_u32(&mut bytes, &rows.range_end);
        put_u32(&mut bytes, &rows.range);
        put_u32(&mut bytes, &rows.pattern);
        put_u32(&mut bytes, &rows.replaced_end);
        put_u32(&mut bytes, &batch.path_end);
        if flags & HAS_KIND != 0 {
            bytes.extend_from_slice(&rows.kind);
        }
        bytes.extend_from_slice(&rows.text);
        bytes.extend_from_slice(&batch.path);
        bytes.extend_from_slice(&rows.replaced);
        BatchBytes(bytes)
    }
}

fn put_u32(bytes: &mut Vec<u8>, column: &[u32]) {
    for (slot, value) in slots::<4>(bytes, column.len()).zip(column) {
        *slot = value.to_le_bytes();
    }
}

fn put_f64(bytes: &mut Vec<u8>, column: &[u64]) {
    for (slot, &value) in slots::<8>(bytes, column.len()).zip(column) {
        *slot = (value as f64).to_le_bytes();
    }
}

/// Room for `count` values of `N` bytes at the end of `bytes`, in a form that the compiler makes wide stores of.
fn slots<const N: usize>(bytes: &mut Vec<u8>, count: usize) -> impl Iterator<Item = &mut [u8; N]> {
    let start = bytes.len();
    bytes.resize(start + N * count, 0);
    bytes[start..].as_chunks_mut::<N>().0.iter_mut()
}

impl TypeName for BatchBytes {
    fn type_name() -> &'static str {
        "ArrayBuffer"
    }

    fn value_type() -> ValueType {
        ValueType::Object
    }
}

impl ToNapiValue for BatchBytes {
    unsafe fn to_napi_value(env: sys::napi_env, value: BatchBytes) -> Result<sys::napi_value> {
        let mut data: *mut c_void = ptr::null_mut();
        let mut buffer = ptr::null_mut();
        // SAFETY: `env` is the environment whose thread this is; both pointers are valid for writes.
        check_status!(unsafe { sys::napi_create_arraybuffer(env, value.0.len(), &mut data, &mut buffer) })?;
        // SAFETY: the new buffer holds exactly `len` bytes, and nobody else knows it yet.
        unsafe { ptr::copy_nonoverlapping(value.0.as_ptr(), data.cast::<u8>(), value.0.len()) };
        Ok(buffer)
    }
}
