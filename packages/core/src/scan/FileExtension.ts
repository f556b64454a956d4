import type { IgnoredReason } from "./IgnoredReason.js"

type Meaning = "media" | IgnoredReason

/**
 * What extensions say without a look at the file. Not here: `ts` and `mts`, which are TypeScript more often than transport streams,
 * `dat`, `bin`, `raw` and all others that tell nothing; the file's first bytes do.
 */
const extensions: ReadonlyArray<readonly [Meaning, string]> = [
  [
    "media",
    "aac ac3 aif aifc aiff amr ape au caf dts eac3 flac m4a m4b mka mp2 mp3 mpc oga ogg opus ra snd spx tta voc w64 wav wma wv"
  ],
  ["media", "3g2 3gp asf avi f4v flv m2ts m4v mkv mov mp4 mpeg mpg mxf ogv vob webm wmv"],
  [
    "picture",
    "jpg jpeg jpe jfif png gif bmp dib tif tiff webp avif heic heif svg svgz ico cur psd psb xcf eps pcx jp2 j2k jxl kra"
  ],
  ["picture", "cr2 cr3 nef arw dng orf rw2 raf pef srw tga dds exr hdr pbm pgm ppm pnm"],
  ["text", "txt text md markdown rst log nfo csv tsv json jsonl ndjson xml html htm xhtml srt vtt ass ssa lrc cue tex bib"],
  ["text", "css js mjs cjs jsx tsx py rb rs go c h cpp hpp cs java kt swift php pl sh bash zsh bat cmd ps1 sql diff patch"],
  ["text", "yaml yml toml ini cfg conf"],
  ["playlist", "m3u m3u8 pls xspf asx wpl smil mpd"],
  ["midi", "mid midi kar rmi"],
  ["document", "pdf doc docx odt rtf xls xlsx ods ppt pptx odp epub mobi djvu"],
  ["archive", "zip rar 7z tar gz tgz bz2 xz zst lz4 iso dmg cab jar"],
  ["program", "exe dll so dylib o a class wasm pyc msi deb rpm apk"],
  ["data", "db sqlite sqlite3 parquet npy npz pkl pt pth onnx safetensors h5 bak lnk url torrent"],
  // What editors and samplers keep beside sounds.
  ["data", "asd reapeaks pkf sfk pek als flp logicx rpp ptx cpr aup aup3 sf2 sfz nki"]
]

const meanings = new Map(extensions.flatMap(([meaning, names]) => names.split(" ").map((name) => [name, meaning] as const)))

/**
 * What a file's name alone says that it is; `undefined` where only its content can.
 *
 * @param path its last segment counts; case doesn't
 */
export const meaning = (path: string): Meaning | undefined => {
  const dot = path.lastIndexOf(".")
  return dot <= path.lastIndexOf("/") ? undefined : meanings.get(path.slice(dot + 1).toLowerCase())
}
