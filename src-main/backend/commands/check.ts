/** What keeps a person's own command from being used: which field, and how to mend it. */
import { said, type SentenceCode } from '../sentences.js'
import type { OwnCommand, OwnCommandProblem } from '../rpc/contract.js'
import { isKnown, isScript, isWebAddress, sampleAddress, VARIABLES, variablesIn } from './variables.js'

/** The longest name that menus show. */
const LONGEST_NAME = 60
const SCOPE = /^[A-Za-z][\w./-]*$/

/** All that is wrong with a command, by field. */
export function commandProblems(command: OwnCommand): OwnCommandProblem[] {
  const problems: OwnCommandProblem[] = []
  const tell = (field: string, code: SentenceCode, values: Record<string, string | number> = {}): void =>
    void problems.push({ field, problem: said('Invalid', code, values) })
  const unknown = (field: string, variables: readonly string[]): void => {
    for (const variable of variables)
      if (!isKnown(variable)) tell(field, 'commandVariable', { variable: `$${variable}`, known: VARIABLES.map((v) => `$${v}`).join(', ') })
  }
  const { name, scopes, url, command: program, args = [] } = command
  if (!name.trim()) tell('name', 'commandName')
  else if (name.length > LONGEST_NAME || /[\r\n]/.test(name)) tell('name', 'commandNameLong', { most: LONGEST_NAME })
  if (scopes.length === 0) tell('scopes', 'commandScopes')
  for (const [i, scope] of scopes.entries()) if (!SCOPE.test(scope)) tell(`scopes[${i}]`, 'commandScope', { scope })
  if (url !== undefined) {
    unknown('url', variablesIn(url))
    if (!isWebAddress(sampleAddress(url))) tell('url', 'commandUrl', { url })
    return problems
  }
  if (!program?.trim()) tell('command', 'commandMissing')
  else if (variablesIn(program).length) tell('command', 'commandFixed', { command: program })
  else if (/\s/.test(program.trim()) && !/[\\/]/.test(program)) tell('command', 'commandWords', { command: program })
  for (const [i, arg] of args.entries()) {
    if (arg.includes('\0')) tell(`args[${i}]`, 'commandNul')
    // A script has variables of its own.
    if (!isScript(program ?? '', args, i)) unknown(`args[${i}]`, variablesIn(arg))
  }
  return problems
}
