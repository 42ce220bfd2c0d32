/** What the rules of a definition may cost by estimate, each and together, and what is told of those that exceed it. */
import { UNKNOWN } from '../cel/cost-sizes.js'
import { field, type FieldError } from '../errors.js'

/** The most that one expression may cost, however often it is evaluated. */
const PER_EXPRESSION = 10_000_000
/** The most that all expressions of a schema may cost. */
const PER_SCHEMA = 100_000_000
/** How many of the costly ones are named when all together are too much, and from what cost on. */
const NAMED = 4
const WORTH_NAMING = PER_SCHEMA / 100

const HINT = '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)'
const CONTRIBUTED = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'

/** What one expression costs too much, as `estimated rule cost`; undefined when it is within bounds. */
export function expressionFault(path: string, what: string, cost: number): FieldError | undefined {
  return cost > PER_EXPRESSION ? field.forbidden(path, exceeds(what, cost / PER_EXPRESSION)) : undefined
}

function exceeds(what: string, factor: number): string {
  const times = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  return `${what} exceeds budget by factor of ${times} ${HINT}`
}

/** Adds up what the expressions of a schema cost. */
export class RuleBudget {
  private total = 0
  private costly: { path: string; cost: number }[] = []

  observe(path: string, cost: number): void {
    this.total = Math.min(this.total + cost, UNKNOWN)
    if (cost < WORTH_NAMING) return
    this.costly = [...this.costly, { path, cost }].sort((a, b) => b.cost - a.cost).slice(0, NAMED)
  }

  /** What is wrong with the sum, for the schema at a path. */
  faults(path: string): FieldError[] {
    if (this.total <= PER_SCHEMA) return []
    const what = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema'
    return [
      ...this.costly.map((rule) => field.forbidden(rule.path, CONTRIBUTED)),
      field.forbidden(path, exceeds(what, this.total / PER_SCHEMA)),
    ]
  }
}
