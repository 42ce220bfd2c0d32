/** Finds names that a program uses but nothing defines, before it runs. */
import { JqSyntaxError, type Expression, type Pattern } from './syntax.js'

interface Scope {
  functions: ReadonlySet<string>
  variables: ReadonlySet<string>
}

function withVariables(scope: Scope, names: readonly string[]): Scope {
  return { ...scope, variables: new Set([...scope.variables, ...names]) }
}

function namesOf(pattern: Pattern): string[] {
  if (pattern.type === 'variable') return [pattern.name]
  if (pattern.type === 'array') return pattern.items.flatMap(namesOf)
  return pattern.entries.flatMap((e) => [...(e.variable === undefined ? [] : [e.variable]), ...(e.value ? namesOf(e.value) : [])])
}

/** Throws {@link JqSyntaxError} for the first undefined function (`name/arity`) or variable. */
export function checkNames(source: string, program: Expression, functions: Iterable<string>, variables: Iterable<string>): void {
  const fail = (name: string): never => {
    throw new JqSyntaxError(`${name} is not defined at <top-level>, line 1:\n${source}`)
  }
  const visit = (e: Expression, scope: Scope): void => {
    switch (e.type) {
      case 'variable':
        if (!scope.variables.has(e.name)) fail(`$${e.name}`)
        return
      case 'call':
        if (!scope.functions.has(`${e.name}/${e.args.length}`)) fail(`${e.name}/${e.args.length}`)
        for (const arg of e.args) visit(arg, scope)
        return
      case 'define': {
        const own = { ...scope, functions: new Set([...scope.functions, `${e.name}/${e.params.length}`]) }
        const names = e.params.filter((p) => p.startsWith('$')).map((p) => p.slice(1))
        visit(
          e.body,
          withVariables({ ...own, functions: new Set([...own.functions, ...e.params.map((p) => `${p.replace('$', '')}/0`)]) }, names),
        )
        visit(e.rest, own)
        return
      }
      case 'bind':
      case 'reduce':
      case 'foreach': {
        visit(e.source, scope)
        const inner = withVariables(scope, namesOf(e.pattern))
        if (e.type === 'bind') return visit(e.body, inner)
        visit(e.init, scope)
        visit(e.update, inner)
        if (e.type === 'foreach' && e.extract) visit(e.extract, inner)
        return
      }
      case 'label':
        return visit(e.body, withVariables(scope, [`*label-${e.name}`]))
      case 'break':
        if (!scope.variables.has(`*label-${e.name}`)) fail(`$*label-${e.name}`)
        return
      case 'string':
        for (const part of e.parts) if (typeof part !== 'string') visit(part, scope)
        return
      case 'object':
        for (const entry of e.entries) {
          visit(entry.key, scope)
          visit(entry.value, scope)
        }
        return
      default:
        for (const part of Object.values(e))
          if (typeof part === 'object' && part !== null && 'type' in part) visit(part as Expression, scope)
    }
  }
  visit(program, { functions: new Set(functions), variables: new Set(variables) })
}
