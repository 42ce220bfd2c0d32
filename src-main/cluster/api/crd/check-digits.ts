/** Numbers that people copy by hand and that therefore end in a digit which checks the others: book numbers and cards. */

/** The sum of the digits, each times the weight of its place. */
const weighed = (digits: readonly number[], weight: (place: number) => number): number =>
  digits.reduce((sum, digit, place) => sum + digit * weight(place), 0)

const withoutBreaks = (text: string): string => text.replace(/[\s-]+/g, '')

/** Whether a text is a book number of ten digits, the last of which may be an X; blanks and dashes do not count. */
export function isIsbn10(text: string): boolean {
  const number = withoutBreaks(text)
  if (!/^\d{9}[\dX]$/.test(number)) return false
  const digits = [...number].map((c) => (c === 'X' ? 10 : Number(c)))
  return weighed(digits, (place) => place + 1) % 11 === 0
}

/** Whether a text is a book number of thirteen digits; blanks and dashes do not count. */
export function isIsbn13(text: string): boolean {
  const number = withoutBreaks(text)
  return /^\d{13}$/.test(number) && weighed([...number].map(Number), (place) => (place % 2 === 0 ? 1 : 3)) % 10 === 0
}

/** What the numbers of each issuer of cards begin with, and how long they are. */
const CARDS: readonly RegExp[] = [
  /^4\d{12}(\d{3})?$/,
  /^5[1-5]\d{14}$/,
  /^6(011|5\d\d)\d{12}$/,
  /^3[47]\d{13}$/,
  /^3(0[0-5]|[68]\d)\d{11}$/,
  /^(2131|1800|35\d{3})\d{11}$/,
]

/** Whether the digits of a text are the number of a credit card, by its issuer and by Luhn's sum. */
export function isCreditCard(text: string): boolean {
  const number = text.replace(/\D+/g, '')
  if (!CARDS.some((card) => card.test(number))) return false
  const doubled = [...number].reverse().map((c, place) => Number(c) * (place % 2 === 0 ? 1 : 2))
  return doubled.reduce((sum, digit) => sum + (digit > 9 ? digit - 9 : digit), 0) % 10 === 0
}
