import type { VocabularySettings } from "./Vocabulary.js"

/** What music feels like, whatever its singer feels. */
export const mood: VocabularySettings = {
  version: 1,
  about: "the mood of the music; `none` when there is no music",
  labels: [
    "aggressive",
    "calm",
    "dark",
    "dramatic",
    "dreamy",
    "energetic",
    "epic",
    "happy",
    "hopeful",
    "melancholic",
    "mysterious",
    "playful",
    "romantic",
    "sad",
    "tense",
    "triumphant",
    "other",
    "none"
  ],
  synonyms: {
    aggressive: ["angry", "fierce", "harsh", "intense"],
    calm: ["relaxed", "relaxing", "peaceful", "serene", "soothing", "gentle", "tranquil", "ambient", "meditative"],
    dark: ["gloomy", "ominous", "sinister", "brooding", "eerie"],
    dramatic: ["theatrical", "emotional", "cinematic"],
    dreamy: ["ethereal", "floating", "atmospheric", "hazy"],
    energetic: ["upbeat", "lively", "driving", "danceable", "exciting", "fast"],
    epic: ["grand", "majestic", "heroic", "powerful"],
    happy: ["cheerful", "joyful", "bright", "uplifting", "sunny"],
    hopeful: ["optimistic", "inspiring", "inspirational"],
    melancholic: ["melancholy", "nostalgic", "wistful", "bittersweet", "longing"],
    mysterious: ["enigmatic", "curious"],
    playful: ["whimsical", "quirky", "humorous", "funny", "light hearted", "lighthearted"],
    romantic: ["tender", "loving", "intimate", "sensual"],
    sad: ["sorrowful", "mournful", "somber", "sombre"],
    tense: ["suspenseful", "anxious", "uneasy", "nervous", "suspense"],
    triumphant: ["victorious", "celebratory"],
    none: ["no music", "not applicable", "n/a"]
  }
}
