// Twenty kinds of sound, synthesised: `kind({ rate, seconds, pitch, random })` gives samples of about -1 to 1. `pitch` is a factor.

const TURN = 2 * Math.PI

const fill = (rate, seconds, sample) => Float32Array.from({ length: Math.round(rate * seconds) }, (_, i) => sample(i / rate, i))

/** A band-pass filter of second order, one step a call. */
const bandPass = (rate) => {
  let [x1, x2, y1, y2] = [0, 0, 0, 0]
  return (x, hertz, q) => {
    const w = (TURN * Math.min(hertz, rate * 0.45)) / rate
    const alpha = Math.sin(w) / (2 * q)
    const y = (alpha * x - alpha * x2 + 2 * Math.cos(w) * y1 - (1 - alpha) * y2) / (1 + alpha)
    ;[x2, x1, y2, y1] = [x1, x, y1, y]
    return y
  }
}

/** Moments with a mean number a second. */
const moments = (perSecond, seconds, random) => {
  const found = []
  for (let at = random() / perSecond; at < seconds; at += -Math.log(1 - random()) / perSecond) found.push(at)
  return found
}

/** Short sounds, added where they belong. `hit(age, index)` is heard for `length` seconds. */
const hits = ({ rate, seconds }, at, length, hit) => {
  const out = new Float32Array(Math.round(rate * seconds))
  at.forEach((start, index) => {
    const from = Math.round(start * rate)
    for (let i = 0; i < length * rate && from + i < out.length; i++) out[from + i] += hit(i / rate, index)
  })
  return out
}

const every = (period, seconds, random, first = 0.1 * random() * period) =>
  Array.from({ length: Math.max(1, Math.floor((seconds - first) / period)) }, (_, n) => first + n * period)

const partials = (age, hertz, list) =>
  list.reduce((sum, [ratio, level, decay]) => sum + level * Math.exp(-decay * age) * Math.sin(TURN * hertz * ratio * age), 0)

/** A sine whose frequency changes. */
const glide = (rate) => {
  let phase = 0
  return (hertz) => Math.sin(TURN * (phase = (phase + hertz / rate) % 1))
}

export const kinds = {
  rain: (s) => {
    const hiss = bandPass(s.rate)
    const bed = fill(s.rate, s.seconds, () => 0.6 * hiss(2 * s.random() - 1, 5000 * s.pitch, 0.5))
    const drops = hits(
      s,
      moments(60, s.seconds, s.random),
      0.01,
      (age) => 0.3 * Math.exp(-500 * age) * Math.sin(TURN * 3000 * s.pitch * age)
    )
    return bed.map((x, i) => x + drops[i])
  },
  wind: (s) => {
    const howl = bandPass(s.rate)
    const at = s.random()
    return fill(s.rate, s.seconds, (t) => {
      const gust = 0.5 + 0.3 * Math.sin(TURN * (0.3 * t + at)) + 0.2 * Math.sin(TURN * (0.71 * t + at))
      return 3 * gust * howl(2 * s.random() - 1, s.pitch * (250 + 350 * gust), 4)
    })
  },
  surf: (s) => {
    const wash = bandPass(s.rate)
    const at = s.random()
    return fill(
      s.rate,
      s.seconds,
      (t) => (0.1 + Math.sin(Math.PI * (0.4 * t + at)) ** 4) * wash(2 * s.random() - 1, 900 * s.pitch, 0.4)
    )
  },
  thunder: (s) => {
    const low = bandPass(s.rate)
    const claps = hits(
      s,
      every(1.7, s.seconds, s.random),
      1.6,
      (age) => Math.exp(-2.5 * age) * (1 + 0.6 * Math.sin(TURN * 5 * age))
    )
    return claps.map((level) => 4 * level * low(2 * s.random() - 1, 90 * s.pitch, 0.8))
  },
  applause: (s) => {
    const band = bandPass(s.rate)
    const claps = hits(s, moments(90, s.seconds, s.random), 0.02, (age, n) => (0.3 + (n % 5) / 5) * Math.exp(-200 * age))
    return claps.map((level) => 2 * level * band(2 * s.random() - 1, 1500 * s.pitch, 0.8))
  },
  footsteps: (s) => {
    const thud = bandPass(s.rate)
    const steps = hits(s, every(0.55, s.seconds, s.random), 0.12, (age) => Math.exp(-45 * age))
    return steps.map((level) => 5 * level * thud(2 * s.random() - 1, 220 * s.pitch, 1.5))
  },
  clock: (s) =>
    hits(
      s,
      every(0.5, s.seconds, s.random),
      0.05,
      (age, n) => Math.exp(-150 * age) * Math.sin(TURN * s.pitch * (n % 2 ? 2600 : 3100) * age)
    ),
  siren: (s) => {
    const voice = glide(s.rate)
    const at = s.random()
    return fill(s.rate, s.seconds, (t) => 0.7 * voice(s.pitch * (900 + 350 * Math.sin(TURN * (0.5 * t + at)))))
  },
  alarm: (s) => fill(s.rate, s.seconds, (t) => ((t * 4) % 1 < 0.5 ? 0.5 * Math.sign(Math.sin(TURN * 2000 * s.pitch * t)) : 0)),
  telephone: (s) =>
    fill(s.rate, s.seconds, (t) =>
      (t * 0.8) % 1 < 0.6
        ? 0.4 * (1 + Math.sin(TURN * 20 * t)) * (Math.sin(TURN * 440 * s.pitch * t) + Math.sin(TURN * 480 * s.pitch * t)) * 0.6
        : 0
    ),
  bell: (s) =>
    hits(s, every(1.6, s.seconds, s.random), 3, (age) =>
      partials(age, 520 * s.pitch, [
        [0.5, 0.3, 0.8],
        [1, 0.5, 1.2],
        [1.19, 0.4, 1.6],
        [1.56, 0.3, 2],
        [2, 0.4, 2.4],
        [2.74, 0.25, 3],
        [3.76, 0.2, 4]
      ])
    ),
  pluck: (s) => {
    const scale = [0, 3, 5, 7, 10, 12]
    const notes = Array.from({ length: 40 }, () => scale[Math.floor(s.random() * 6)])
    return hits(s, every(0.3, s.seconds, s.random), 0.8, (age, n) =>
      partials(
        age,
        196 * s.pitch * 2 ** (notes[n % 40] / 12),
        Array.from({ length: 10 }, (_, k) => [k + 1, 0.5 / (k + 1), 3 + 2 * k])
      )
    )
  },
  flute: (s) => {
    const voice = glide(s.rate)
    const breath = bandPass(s.rate)
    return fill(s.rate, s.seconds, (t) => {
      const note = [0, 4, 7, 5][Math.floor(t / 0.8) % 4]
      const hertz = 587 * s.pitch * 2 ** (note / 12) * (1 + 0.008 * Math.sin(TURN * 5.5 * t))
      return Math.min(1, ((t % 0.8) + 0.02) * 8) * (0.6 * voice(hertz) + 0.25 * breath(2 * s.random() - 1, 2 * hertz, 3))
    })
  },
  organ: (s) =>
    fill(s.rate, s.seconds, (t) =>
      [0, 4, 7, 12].reduce(
        (sum, note) =>
          sum +
          partials(t, 131 * s.pitch * 2 ** (note / 12), [
            [1, 0.1, 0],
            [2, 0.09, 0],
            [3, 0.05, 0],
            [4, 0.06, 0],
            [6, 0.03, 0],
            [8, 0.03, 0]
          ]),
        0
      )
    ),
  drums: (s) => {
    const noise = bandPass(s.rate)
    const kick = hits(
      s,
      every(1, s.seconds, s.random, 0),
      0.3,
      (age) => 0.9 * Math.exp(-14 * age) * Math.sin(TURN * s.pitch * (55 * age + 5 * (1 - Math.exp(-30 * age))))
    )
    const snare = hits(s, every(1, s.seconds, s.random, 0.5), 0.2, (age) => Math.exp(-22 * age))
    const hat = hits(s, every(0.25, s.seconds, s.random, 0), 0.05, (age) => Math.exp(-90 * age))
    return kick.map((x, i) => {
      const hiss = 2 * s.random() - 1
      return x + 1.2 * snare[i] * noise(hiss, 1800 * s.pitch, 0.5) + 0.2 * hat[i] * hiss
    })
  },
  engine: (s) => {
    let phase = 0
    return fill(s.rate, s.seconds, (t) => {
      phase += (s.pitch * (48 + 6 * Math.sin(TURN * 0.4 * t))) / s.rate
      let sum = 0.05 * (2 * s.random() - 1)
      for (let k = 1; k <= 14; k++) sum += (Math.sin(TURN * k * phase + k * k) * (k % 2 ? 1 : 0.6)) / k ** 0.8
      return 0.25 * sum * (1 + 0.3 * Math.sin(TURN * 12 * t))
    })
  },
  birds: (s) => {
    const calls = moments(3, s.seconds, s.random).map((at) => [at, 3200 + 1800 * s.random(), s.random() > 0.5 ? 1 : -1])
    return hits(
      s,
      calls.map(([at]) => at),
      0.14,
      (age, n) => {
        const [, hertz, way] = calls[n]
        return (
          0.6 *
          Math.sin((Math.PI * age) / 0.14) *
          Math.sin(TURN * s.pitch * (hertz * age + way * 4000 * age * age + 6 * Math.sin(TURN * 28 * age)))
        )
      }
    )
  },
  speech: (s) => {
    const formants = [bandPass(s.rate), bandPass(s.rate), bandPass(s.rate)]
    const vowels = [
      [730, 1090, 2440],
      [270, 2290, 3010],
      [300, 870, 2240],
      [530, 1840, 2480],
      [570, 840, 2410]
    ]
    const order = Array.from({ length: 60 }, () => Math.floor(s.random() * 5))
    let phase = 0
    return fill(s.rate, s.seconds, (t) => {
      const syllable = Math.floor(t * 4.2)
      const within = (t * 4.2) % 1
      phase += (s.pitch * (120 + 22 * Math.sin(TURN * 0.6 * t))) / s.rate
      const pulse = phase >= 1 ? 1 : 0
      phase %= 1
      const vowel = vowels[order[syllable % 60]]
      const voiced = formants.reduce((sum, formant, n) => sum + formant(pulse, vowel[n] * s.pitch ** 0.3, 8) / (n + 1), 0)
      const envelope = t % 2.4 < 1.9 ? Math.sin(Math.PI * Math.min(1, within / 0.85)) : 0
      return 8 * envelope * voiced + (within > 0.85 && envelope >= 0 && t % 2.4 < 1.9 ? 0.1 * (2 * s.random() - 1) : 0)
    })
  },
  crickets: (s) =>
    fill(
      s.rate,
      s.seconds,
      (t) => ((t * 2) % 1 < 0.55 ? Math.max(0, Math.sin(TURN * 30 * t)) : 0) * 0.6 * Math.sin(TURN * 4500 * s.pitch * t)
    ),
  zap: (s) =>
    hits(
      s,
      every(0.6, s.seconds, s.random),
      0.35,
      (age) => 0.7 * Math.exp(-5 * age) * Math.sign(Math.sin(TURN * s.pitch * 3000 * ((1 - Math.exp(-9 * age)) / 9 + 0.02 * age)))
    )
}

/** Mulberry32: the same everywhere. From 0 to 1. */
export const randomFrom = (seed) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Twenty ways to meet a sound: its pitch, level, length, noise under it, and the codec that it went through. */
export const variations = Array.from({ length: 20 }, (_, n) => {
  const random = randomFrom(100 + n)
  return {
    pitch: 2 ** ((8 * random() - 4) / 12),
    decibels: -24 * random(),
    seconds: 2 + 4 * random(),
    noise: [undefined, undefined, 30, 20][n % 4],
    codec: ["wav", "mp3", "opus", "aac", "narrow"][n % 5]
  }
})

/** One sound of a kind, varied. */
export const render = (kind, variation, rate, seed) => {
  const random = randomFrom(seed)
  const samples = kinds[kind]({ rate, seconds: variation.seconds, pitch: variation.pitch, random })
  const power = samples.reduce((sum, sample) => sum + sample ** 2, 0) / samples.length
  const hiss = variation.noise === undefined ? 0 : Math.sqrt(3 * power) * 10 ** (-variation.noise / 20)
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9) + hiss
  const gain = (0.9 / peak) * 10 ** (variation.decibels / 20)
  return samples.map((sample) => gain * (sample + hiss * (2 * random() - 1)))
}
