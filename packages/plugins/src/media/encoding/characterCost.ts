/** Characters that titles are often made of: each is as likely as any other of its language. */
export const simplified = new Set(
  "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作里用道行所然家事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心她本前开但因只从想实日者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应战向头文体美相见利二等新己身果加西月话合回特代内信表化老给世位次度门常先海通教儿原东声提立比员解水名真走各入几口认条平系气题活别打女变四神总何电少才结反受目太再感建做接必场件期市直资命山金格思传望族群达乐风雨夜城雷鸟叫爱歌曲音春夏秋冬花草树林火猫狗笑哭浪河江湖雪云星晴红黄蓝白黑青瓷独奇溪流孤男孩"
)
export const traditional = new Set(
  "的一是不了在人有我他這個們中來上大為和國地到以說時要就出會可也你對生能而子那得於著下自之年過發後作裡用道行所然家事成方多經麼去法學如都同現當沒動面起看定天分還進好小部其些主樣理心她本前開但因只從想實日者意無力它與長把機十民第公此已工使情明性知全三又關點正業外將兩高間由問很最重並物手應戰向頭文體美相見利二等新己身果加西月話合回特代內信表化老給世位次度門常先海通教兒原東聲提立比員解水名真走各入幾口認條平系氣題活別打女變四神總何電少才結反受目太再感建做接必場件期市直資命山金格思傳望族群達樂風雨夜城雷鳥叫愛歌曲音春夏秋冬花草樹林火貓狗笑哭浪河江湖雪雲星晴紅黃藍白黑青瓷獨奇溪流孤男孩槍灣"
)
const japanese = new Set(
  "日一国会人年大十二本中長出三同時事自行月分後前生五間上東者地合市業内相方四今回新場員九入立開手力問高代明動京目通言理体田主題下首意作用度強公野山思家話世多正安心界先川文元重反近千画海売知道信集別物引使次水品半計死特情始男女子打変村風雨雪花星空歌愛恋夢涙春夏秋冬犬猫鳥虫森音楽車電赤青白黒金銀石夜朝道君僕声光火雷波笑泣旅足指鐘緑神天使王様名町駅線店港島橋船祭"
)
const korean = new Set(
  "가간감강개거건게겨경계고곡공과관교구국그금기김길나날내너녀노눈는늘니다단달당대더도동두드들디라람래러레려로리마만말매머메명모목무문물미민바박밤방배백번별보복봄부북비빛사산살상새생서선성세소속송수순스시신실심아악안야양어언여연영예오온와외요용우운울원월위유으은을음의이인일임자작장재저전정제조종주중지진집차찬창천철청초춘치카코크키타태터토트파편평포표품하학한할함해행향현호화환황회효후희히좋웃랑귀열였을있없것같싶잊믿꿈빗숲총폭발뮤"
)

/** A character's cost (the negative logarithm of how likely it is), by the byte that it begins with. */
export type CharacterCost = (character: string, lead: number) => number

const isHan = (character: string) => /[\p{Script=Han}々]/u.test(character)
const log = Math.log
/** Full-width punctuation and letters. */
const isWide = (character: string) => /[\u3000-\u3015！-～]/.test(character)
const other = (character: string) => (isWide(character) ? log(300) : log(50_000))

/** Japanese. Leads of the characters that every Japanese reads are from `first` to `last`. */
export const kanji =
  (first: number, last: number): CharacterCost =>
  (character, lead) =>
    /[ぁ-ん]/.test(character)
      ? log(60)
      : /[ァ-ヶー]/.test(character)
        ? log(100)
        : /[｡-ﾟ]/.test(character)
          ? log(300)
          : !isHan(character)
            ? other(character)
            : japanese.has(character)
              ? log(450)
              : lead >= first && lead <= last
                ? log(7000)
                : log(200_000)

/** Chinese. Leads of the first level of characters are from `first` to `last`. */
export const hanzi =
  (frequent: ReadonlySet<string>, first: number, last: number): CharacterCost =>
  (character, lead) =>
    !isHan(character)
      ? other(character)
      : frequent.has(character)
        ? log(350)
        : lead >= first && lead <= last
          ? log(6000)
          : log(100_000)

/** Korean. */
export const hangul: CharacterCost = (character, lead) =>
  /\p{Script=Hangul}/u.test(character)
    ? korean.has(character)
      ? log(200)
      : lead >= 0xb0 && lead <= 0xc8
        ? log(6000)
        : log(1e6)
    : isHan(character)
      ? log(1e5)
      : other(character)
