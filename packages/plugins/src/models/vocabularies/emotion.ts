import type { VocabularySettings } from "./Vocabulary.js"

/** How a speaker sounds: the nine classes of emotion2vec. Not the mood of music, which is `mood`. */
export const emotion: VocabularySettings = {
  version: 1,
  about: "the emotion in the voice of whoever speaks or sings; `unknown` when nobody does",
  labels: ["angry", "disgusted", "fearful", "happy", "neutral", "sad", "surprised", "other", "unknown"],
  synonyms: {
    angry: [
      "anger",
      "furious",
      "rage",
      "irritated",
      "irritation",
      "annoyed",
      "annoyance",
      "frustrated",
      "frustration",
      "exasperated",
      "exasperation",
      "hostile",
      "aggressive",
      "indignant",
      "生气",
      "愤怒"
    ],
    disgusted: ["disgust", "contempt", "contemptuous", "revulsion", "repulsed", "厌恶"],
    fearful: [
      "fear",
      "afraid",
      "scared",
      "anxious",
      "anxiety",
      "nervous",
      "worried",
      "terrified",
      "panic",
      "panicked",
      "恐惧",
      "害怕"
    ],
    happy: [
      "happiness",
      "joy",
      "joyful",
      "cheerful",
      "excited",
      "excitement",
      "enthusiastic",
      "enthusiasm",
      "amused",
      "amusement",
      "delighted",
      "elated",
      "pleased",
      "laughing",
      "playful",
      "高兴",
      "快乐",
      "开心"
    ],
    neutral: ["calm", "flat", "matter of fact", "composed", "steady", "even", "professional", "informative", "中性", "平静"],
    sad: [
      "sadness",
      "sorrow",
      "sorrowful",
      "melancholy",
      "melancholic",
      "grief",
      "gloomy",
      "disappointed",
      "disappointment",
      "depressed",
      "crying",
      "tearful",
      "悲伤",
      "难过"
    ],
    surprised: ["surprise", "astonished", "astonishment", "amazed", "shocked", "shock", "startled", "惊讶"],
    unknown: ["none", "no speech", "no voice", "unclear", "not applicable", "n/a", "undetermined", "未知"]
  }
}
