/** What curl's command line is made of: the words given, those of files (-K, `~/.curlrc`), the parts between `--next`. */
import { SystemError } from '../../process.js'
import { Fail, type Command } from '../command.js'
import { readText } from '../reading.js'

const ADVICE = "curl: try 'curl --help' or 'curl --manual' for more information"

/** The words of each part, each with the program's name before them. Throws Fail for a file that cannot be read. */
export async function segments(c: Command): Promise<string[][]> {
  const [name = 'curl', ...given] = c.task.argv
  const own = given[0] === '-q' || given[0] === '--disable' ? [] : ((await fromFile(c, `${c.task.env['HOME'] ?? '/'}/.curlrc`)) ?? [])
  const parts: string[][] = [[...own]]
  for (let i = 0; i < given.length; i++) {
    const word = given[i]!
    const part = parts.at(-1)!
    const file = word === '-K' || word === '--config' ? given[++i] : /^(?:-K|--config=)(.+)$/.exec(word)?.[1]
    if (word === '--next' || word === '-:') parts.push([])
    else if (file !== undefined) {
      const words = await fromFile(c, file)
      if (!words)
        throw new Fail(
          `curl: option ${word.slice(0, 2) === '-K' ? '-K' : '--config'}: error encountered when reading a file\n${ADVICE}`,
          26,
        )
      part.push(...words)
    } else part.push(word)
  }
  return parts.map((words) => [name, ...words])
}

/** The words of a file: one option a line, with or without its dashes, its value behind a blank, `=` or `:`. */
async function fromFile(c: Command, path: string): Promise<string[] | undefined> {
  let text: string
  try {
    text = await readText(c, path)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return undefined
  }
  return text.split('\n').flatMap((line) => {
    const [, option, value] = /^\s*([^#\s=:]+)(?:\s*[=:]\s*|\s+)?(.*?)\s*$/.exec(line) ?? []
    if (option === undefined) return []
    const name = option.startsWith('-') ? option : `--${option}`
    const unquoted = /^"((?:[^"\\]|\\.)*)"/.exec(value!)?.[1]
    const argument = unquoted?.replace(/\\(.)/g, (_, char: string) => ({ n: '\n', t: '\t', r: '\r', v: '\v' })[char] ?? char) ?? value!
    return argument === '' && unquoted === undefined ? [name] : [name, argument]
  })
}
