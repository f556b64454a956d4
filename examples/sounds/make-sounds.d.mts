/** Fills a folder with sounds and clips, synthesised here; what is there already stays. Gives how many there are. */
export declare const makeSounds: (folder: string) => Promise<number>
