import type { ByteRange } from "./FileBytes.js"
import type { RawSamples } from "./RawSamples.js"

/**
 * The containers and codecs that the engine opens. Without a list of containers a text named .mp4 makes libav open other files and
 * addresses (HLS, DASH, ffconcat); the protocol list alone doesn't stop it.
 */

/** FFmpeg's names of demuxers. None of them opens a second file, none is for pictures alone. */
export const containers: ReadonlyArray<string> = (
  "wav,w64,mp3,flac,ogg,mov,matroska,aac,avi,mpegts,mpeg,aiff,amr,amrnb,amrwb,asf,flv,caf,au,ape,wv,tta,mpc,mpc8,dsf,ac3,eac3,dts," +
  "truehd,mlp,loas,voc,ivf,dv,mxf"
).split(",")

/** Decoders of a codec, where they aren't called as the codec is. */
const decodersOf: Readonly<Record<string, ReadonlyArray<string>>> = {
  mp3: ["mp3float", "mp3"],
  mp2: ["mp2float", "mp2"],
  mp1: ["mp1float", "mp1"],
  aac: ["aac", "aac_fixed", "libfdk_aac"],
  opus: ["opus", "libopus"],
  vorbis: ["vorbis", "libvorbis"],
  speex: ["speex", "libspeex"],
  ac3: ["ac3", "ac3_fixed"],
  dts: ["dca"],
  amr_nb: ["amrnb", "libopencore_amrnb"],
  amr_wb: ["amrwb", "libopencore_amrwb"],
  musepack7: ["mpc7"],
  musepack8: ["mpc8"],
  adpcm_g722: ["g722"],
  adpcm_g726: ["g726"],
  gsm: ["gsm", "libgsm"],
  gsm_ms: ["gsm_ms", "libgsm_ms"],
  vp8: ["vp8", "libvpx"],
  vp9: ["vp9", "libvpx-vp9"],
  av1: ["libdav1d", "libaom-av1", "av1"],
  flv1: ["flv"],
  msmpeg4v3: ["msmpeg4"],
  atrac3p: ["atrac3plus"],
  // Of the first pictures of a program stream libav can't tell which it is.
  mpeg1video: ["mpeg1video", "mpeg2video"],
  mpeg2video: ["mpeg2video", "mpeg1video"]
}

const sameName = (
  "aac_latm,eac3,truehd,mlp,flac,alac,wmav1,wmav2,wmapro,wmalossless,wmavoice,ape,wavpack,tta,adpcm_ima_wav,adpcm_ms,adpcm_ima_qt," +
  "adpcm_swf,adpcm_yamaha,nellymoser,qdm2,qcelp,atrac1,atrac3,atrac3p,dsd_lsbf,dsd_msbf,dsd_lsbf_planar,dsd_msbf_planar,pcm_s8,pcm_u8," +
  "pcm_s16le,pcm_s16be,pcm_u16le,pcm_u16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f32be,pcm_f64le,pcm_f64be," +
  "pcm_alaw,pcm_mulaw,pcm_dvd,pcm_bluray,s302m," +
  "h264,hevc,vvc,mpeg4,mpeg2video,mpeg1video,msmpeg4v1,msmpeg4v2,msmpeg4v3,wmv1,wmv2,wmv3,vc1,theora,vp6,vp6f,mjpeg,prores,dnxhd," +
  "h263,dvvideo,ffv1,huffyuv,ffvhuff,utvideo,magicyuv,rawvideo,v210,cinepak,svq1,svq3,qtrle,rpza,8bps,png,cfhd,hap,zmbv,msrle,msvideo1," +
  "g723_1,truespeech,mace3,mace6,pcm_f16le,pcm_s64le,pcm_s64be,dfpwm"
).split(",")

const codecs = new Map<string, ReadonlyArray<string>>([
  ...sameName.map((name) => [name, [name]] as const),
  ...Object.entries(decodersOf)
])

/** The decoders that may read a codec; empty when none may. Comma-separated, as FFmpeg's `codec_whitelist` takes them. */
export const decoders = (...names: ReadonlyArray<string>): string => names.flatMap((name) => codecs.get(name) ?? []).join(",")

/** Whether the engine reads a codec at all. */
export const reads = (codec: string): boolean => codecs.has(codec)

/** The most pixels that a frame may have: 8K twice over. */
export const maxPixels = 67_108_864

/** The largest block, in bytes, that a decoder may ask memory for. */
export const maxBlock = 536_870_912

/** What opens one input safely, for the command line and for libav alike. */
export const inputOptions: Readonly<Record<string, string>> = {
  protocol_whitelist: "file",
  format_whitelist: containers.join(",")
}

/** FFmpeg's reader of samples without a header. */
export const rawDemuxer = ({ codec }: RawSamples): string => codec.replace("pcm_", "")

/** What opens samples without their header, in a part of their file. */
export const rawOptions = (raw: RawSamples): Readonly<Record<string, string>> => ({
  protocol_whitelist: "file,subfile",
  format_whitelist: rawDemuxer(raw)
})

/** What opens a part of a file as if it were one of its own. */
export const partOf = (url: string, { end, start }: ByteRange): string => `subfile,,start,${start},end,${end},,:${url}`

/** What opens a file, or a part of it: such a name is ours to give. */
export const sourceOptions = (part: unknown): Readonly<Record<string, string>> =>
  part === undefined ? inputOptions : { ...inputOptions, protocol_whitelist: `${inputOptions["protocol_whitelist"]},subfile` }

/** The only part of a file that is read, where others' bytes stand around it. */
export const onlyPart = (parts: ReadonlyArray<ByteRange> | undefined): ByteRange | undefined =>
  parts?.length === 1 ? parts[0] : undefined

/** The part of a file whose streams are described: where no header tells them, the first, for libav looks far ahead. */
export const describedPart = ({
  demuxer,
  parts
}: {
  readonly demuxer?: string | undefined
  readonly parts?: ReadonlyArray<ByteRange> | undefined
}): ByteRange | undefined => (demuxer === undefined ? parts?.[0] : onlyPart(parts))

/** Containers in which a stream shows only with its first packet, which may come seconds after the others'. */
const late = new Set(["mpegts", "mpeg", "flv", "matroska"])

/** Whether a container's streams may show late. */
export const showsStreamsLate = (container: string | undefined): boolean => container !== undefined && late.has(container)

/**
 * How far such a container is read for streams: half a minute or 64 MiB, whichever comes first. A camcorder's transport stream may not say
 * how its sound is coded: libav looks at enough of it only where all tables are read, as its own programs have it (node-av 6.1.1).
 */
export const lateStreamOptions = (container: string | undefined): Readonly<Record<string, string>> => ({
  analyzeduration: "30000000",
  probesize: "67108864",
  ...(container === "mpegts" ? { scan_all_pmts: "1" } : {})
})
