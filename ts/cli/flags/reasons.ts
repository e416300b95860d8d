/** Why some flags are refused, and the bound of the addon's 32-bit fields. */
export const NO_PCRE2 = 'there is one engine, the default one; PCRE2 can take time exponential in the text'
export const NO_PROGRAMS = 'a search does not run other programs'
export const NO_LOG = 'there is no log; `quern stats` and `quern check` tell about an index'
export const U32 = 2 ** 32 - 1
