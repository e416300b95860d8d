// Small folders of what source trees seldom hold: lines over 64 KiB, files over 1 MiB, Latin-1, UTF-16, NUL bytes, CRLF, no
// final newline, names that need care. The text is made of the query list's own patterns and of lines that they match, so
// that the queries find something. The same bytes every time.
//
// Two folders, because ripgrep's answer for a file with a NUL beyond its first 64 KiB depends on how far the same thread's
// buffer has grown before, and a line over 64 KiB makes it grow.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { queries } from '../queries.mjs'

const SAMPLES = [
  'static int __init probe_init(void)',
  'static int ax_probe(struct device *dev = NULL)',
  '#define pr_fmt(fmt) KBUILD "%s: %d\\n"',
  'struct file_operations fops = {\n\t.owner = THIS_MODULE,',
  'void *p = kmalloc(size, GFP_ATOMIC); memcpy(p, q, sizeof(*q));',
  'if (IS_ERR(clk)) return -EINVAL; /* ... */',
  'module_param(debug, int, 0644);',
  'EXPORT_SYMBOL_GPL(usb_reset); EXPORT_SYMBOL(kmem_cache);\n\n',
  'x = (u32)0xdeadbeefcafebabeULL + r1234x56;',
  'pr_err("timeout: %d\\n", v); // v5.10.3-rc4, 2022-03-14',
  '\t.compatible = "brcm,bcm2835",',
  'dev_err(dev->dev, "failed to reset"); /* usb_HCI_RESET */',
  'dev_err(&pdev->dev, "failed to reset"); mutex_unlock(&dev->lock);',
  'netdev_priv(dev); container_of(w, struct a_data, work);',
  'Someone <some.one@intel.com> https://example.org/path',
  'case FOO_BAR:\t/* fall through */\n\tdefault:\n\tbreak;',
  'ret = -EIO; if (unlikely(!ok)) SYSCALL_DEFINE3(read, x)',
  'fn main() {\n\tint ret;\n}\n\nmodule_init(probe_init);',
  '\treturn -ENOMEM;\n}\n\nstatic int x;',
  '#endif\n#ifdef CONFIG_SMP',
  '/*\n * Copyright (c) 2022 by nobody, USB 3.1, RAID5 raid6',
  'obj-$(CONFIG_X86_64) += ABCDEFGHIJKLMNOPQRSTUVWXYZ_123456789012345 \\',
  'END(start)\nint main(void);;\nstruct page {\n\t\t\t\t\t\t\t\tdeep',
  'select A1 \\x7f (struct sk_buff *) if (!(flags & MASK)) [0] = { *(u32 *) ^C krealloc_lock',
  '// SPDX-License-Identifier: GPL-2.0',
  'åäöü àéîõ ©→µs ÀÈÌÒ __attribute__((packed)) tcp_sendmsg cooeaaaaiou',
]

const WORDS = [
  ...new Set(
    queries.flatMap(({ patterns }) => patterns).flatMap(pattern => pattern.split(/[\\^$()[\]{}|?*+]+/)),
  ),
  'Müller',
  'straße',
  'K',
  'ſ',
  '日本',
].filter(word => word !== '')

// Numerical Recipes' linear congruential generator: no need for better.
function random(seed) {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const SAMPLE_EVERY = 6

function text(seed, bytes, lineWords, newline = '\n') {
  const next = random(seed)
  let made = ''
  while (made.length < bytes) {
    const words = Array.from({ length: 1 + next(lineWords) }, () => WORDS[next(WORDS.length)])
    const line = `${'\t'.repeat(next(3))}${words.join(next(2) ? ' ' : '_')}`
    const whole = next(SAMPLE_EVERY) === 0 ? SAMPLES[next(SAMPLES.length)] : line
    made += whole.replaceAll('\n', newline) + newline
  }
  return made
}

const KB = 1024

const LINES = {
  'long-lines.js': () => `${text(1, 200 * KB, 20, ' ')}\n${text(2, 90 * KB, 9)}${text(3, 70 * KB, 9, ';')}`,
  'large.c': () => text(4, 3 * KB * KB, 12),
  'crlf.txt': () => text(10, 40 * KB, 8, '\r\n'),
  'no-final-newline.py': () => text(15, 10 * KB, 8).trimEnd(),
  'empty.c': () => '',
  'only-newlines.rs': () => '\n'.repeat(5000),
  'folder with space/Kconfig': () => text(16, 30 * KB, 6),
  'größe/日本.dts': () => text(17, 30 * KB, 6),
  '-dash/[brackets].h': () => text(18, 30 * KB, 6),
}

const BYTES = {
  'latin1.c': () => Buffer.from(text(5, 60 * KB, 8), 'latin1'),
  'broken-utf8.rs': () =>
    Buffer.concat([Buffer.from(text(6, 20 * KB, 8)), Buffer.from([0xff, 0xe9, 0x0a, 0xc3])]),
  'utf16le.txt': () => Buffer.from(`\uFEFF${text(7, 40 * KB, 8)}`, 'utf16le'),
  'utf16be.txt': () => Buffer.from(`\uFEFF${text(8, 40 * KB, 8)}`, 'utf16le').swap16(),
  'utf8-bom.S': () => `\uFEFF${text(9, 20 * KB, 8)}`,
  'nul-early.exe': () => `MZ${text(11, 2 * KB, 8)}\0${text(12, 30 * KB, 8)}`,
  'nul-late.svg': () => `${text(13, 300 * KB, 8)}\0\0${text(14, 300 * KB, 8)}`,
  'first-byte.h': () => `\0${text(19, 2 * KB, 8)}`,
  Kbuild: () => text(20, 10 * KB, 8),
}

/** Writes both folders (a few megabytes) into `folder` and gives their paths. */
export function makeHardCorpora(folder) {
  return Object.entries({ lines: LINES, bytes: BYTES }).map(([name, files]) => {
    for (const [file, content] of Object.entries(files)) {
      const path = join(folder, name, file)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, content())
    }
    return join(folder, name)
  })
}
