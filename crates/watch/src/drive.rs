//! Whether a folder lies on a drive that others can change behind this system's back.

use std::path::Path;

#[cfg(target_os = "linux")]
pub(crate) fn is_remote(folder: &Path) -> bool {
    rustix::fs::statfs(folder).is_ok_and(|found| is_remote_kind(found.f_type as u32))
}

/// Kinds of Linux file systems, from its `magic.h` and their own sources. FUSE and 9p are among them although some are
/// local: nobody can tell from outside.
#[cfg(target_os = "linux")]
fn is_remote_kind(magic: u32) -> bool {
    const NFS: u32 = 0x6969;
    const SMB: u32 = 0x517B;
    const SMB2: u32 = 0xFE53_4D42;
    const CIFS: u32 = 0xFF53_4D42;
    const NCP: u32 = 0x564C;
    const CODA: u32 = 0x7375_7245;
    const AFS: u32 = 0x5346_414F;
    const KERNEL_AFS: u32 = 0x6B41_4653;
    const PLAN9: u32 = 0x0102_1997;
    const FUSE: u32 = 0x6573_5546;
    const CEPH: u32 = 0x00C3_6400;
    const LUSTRE: u32 = 0x0BD0_0BD0;
    const GPFS: u32 = 0x4750_4653;
    const GFS2: u32 = 0x0116_1970;
    const OCFS2: u32 = 0x7461_636F;
    const BEEGFS: u32 = 0x1983_0326;
    const VIRTUALBOX: u32 = 0x786F_4256;
    const PARALLELS: u32 = 0x7C7C_6673;
    matches!(
        magic,
        NFS | SMB
            | SMB2
            | CIFS
            | NCP
            | CODA
            | AFS
            | KERNEL_AFS
            | PLAN9
            | FUSE
            | CEPH
            | LUSTRE
            | GPFS
            | GFS2
            | OCFS2
            | BEEGFS
            | VIRTUALBOX
            | PARALLELS
    )
}

#[cfg(target_os = "macos")]
pub(crate) fn is_remote(folder: &Path) -> bool {
    // From <sys/mount.h>.
    const MNT_LOCAL: u32 = 0x1000;
    rustix::fs::statfs(folder).is_ok_and(|found| found.f_flags & MNT_LOCAL == 0)
}

#[cfg(windows)]
pub(crate) fn is_remote(folder: &Path) -> bool {
    use std::path::{Component, Prefix};
    let Some(Component::Prefix(prefix)) = folder.components().next() else {
        return false;
    };
    match prefix.kind() {
        Prefix::UNC(..) | Prefix::VerbatimUNC(..) => true,
        Prefix::Disk(letter) | Prefix::VerbatimDisk(letter) => is_remote_disk(letter),
        _ => false,
    }
}

#[cfg(windows)]
fn is_remote_disk(letter: u8) -> bool {
    use windows_sys::Win32::Storage::FileSystem::GetDriveTypeW;
    // From winbase.h.
    const DRIVE_REMOTE: u32 = 4;
    let name: [u16; 4] = [letter.into(), b':'.into(), b'\\'.into(), 0];
    // SAFETY: the name ends with a zero and outlives the call.
    unsafe { GetDriveTypeW(name.as_ptr()) == DRIVE_REMOTE }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::path::Path;

    use super::{is_remote, is_remote_kind};

    #[test]
    fn network_drives_are_told_from_local_ones() {
        for magic in [
            0x6969,
            0xFF53_4D42,
            0xFE53_4D42,
            0x0102_1997,
            0x6573_5546,
            0x5346_414F,
        ] {
            assert!(is_remote_kind(magic), "{magic:x}");
        }
        let ext4_btrfs_xfs_tmpfs_overlay = [0xEF53, 0x9123_683E, 0x5846_5342, 0x0102_1994, 0x794C_7630];
        assert!(!ext4_btrfs_xfs_tmpfs_overlay.into_iter().any(is_remote_kind));
        assert!(!is_remote(Path::new("/proc")));
        assert!(!is_remote(Path::new("/nowhere")), "walking it fails soon enough");
    }
}
