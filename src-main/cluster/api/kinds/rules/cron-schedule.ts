/** Checks cron schedules with the messages of the parser that Kubernetes uses. */

interface Bounds {
  low: number
  high: number
  names?: readonly string[]
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const FIELDS: readonly Bounds[] = [
  { low: 0, high: 59 },
  { low: 0, high: 23 },
  { low: 1, high: 31 },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 6, names: DAYS },
]
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']

/** What is wrong with a schedule of five fields or a descriptor; undefined when it is fine. */
export function scheduleProblem(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string'
  let spec = schedule
  const zone = /^(TZ|CRON_TZ)=(\S*)\s*(.*)$/.exec(spec)
  if (zone) {
    if (!isTimeZone(zone[2]!)) return `provided bad location ${zone[2]}: unknown time zone ${zone[2]}`
    spec = zone[3]!
  }
  if (spec.startsWith('@')) return descriptorProblem(spec)
  const fields = spec.split(/\s+/).filter(Boolean)
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`
  for (const [i, f] of fields.entries()) {
    const problem = fieldProblem(f, FIELDS[i]!)
    if (problem) return problem
  }
  return undefined
}

function descriptorProblem(spec: string): string | undefined {
  if (DESCRIPTORS.includes(spec)) return undefined
  if (spec.startsWith('@every ')) {
    const text = spec.slice('@every '.length)
    if (/^(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$/.test(text)) return undefined
    return `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(text)}`
  }
  return `unrecognized descriptor: ${spec}`
}

function fieldProblem(text: string, bounds: Bounds): string | undefined {
  for (const part of text.split(',').filter(Boolean)) {
    const problem = rangeProblem(part, bounds)
    if (problem) return problem
  }
  return undefined
}

function rangeProblem(expression: string, bounds: Bounds): string | undefined {
  const rangeAndStep = expression.split('/')
  const lowAndHigh = rangeAndStep[0]!.split('-')
  let low: number
  let high: number
  if (lowAndHigh[0] === '*' || lowAndHigh[0] === '?') {
    low = bounds.low
    high = bounds.high
    if (lowAndHigh.length > 1) return undefined
  } else {
    const first = numberOrName(lowAndHigh[0]!, bounds)
    if (typeof first === 'string') return first
    low = first
    high = first
    if (lowAndHigh.length === 2) {
      const second = numberOrName(lowAndHigh[1]!, bounds)
      if (typeof second === 'string') return second
      high = second
    } else if (lowAndHigh.length > 2) return `too many hyphens: ${expression}`
  }
  let step = 1
  if (rangeAndStep.length === 2) {
    const parsed = number(rangeAndStep[1]!)
    if (typeof parsed === 'string') return parsed
    step = parsed
    if (lowAndHigh.length === 1) high = bounds.high
  } else if (rangeAndStep.length > 2) return `too many slashes: ${expression}`
  if (low < bounds.low) return `beginning of range (${low}) below minimum (${bounds.low}): ${expression}`
  if (high > bounds.high) return `end of range (${high}) above maximum (${bounds.high}): ${expression}`
  if (low > high) return `beginning of range (${low}) beyond end of range (${high}): ${expression}`
  if (step === 0) return `step of range should be a positive number: ${expression}`
  return undefined
}

function numberOrName(text: string, bounds: Bounds): number | string {
  const named = bounds.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + bounds.low
  return number(text)
}

function number(text: string): number | string {
  if (!/^[+-]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const n = Number(text)
  return n < 0 ? `negative number (${n}) not allowed: ${text}` : n
}

/** Whether the time zone database knows a name, in this spelling: its names are those of files. */
export function isTimeZone(name: string): boolean {
  try {
    const known = new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
    // Intl reads capitals as small letters; it tells the spelling of a name only where it is not another name's alias.
    if (known.toLowerCase() === name.toLowerCase()) return known === name
    return name.split('/').every((part) => /^[A-Z]/.test(part))
  } catch {
    return false
  }
}
