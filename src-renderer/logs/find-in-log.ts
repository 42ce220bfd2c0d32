import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { LogSearch, parseQuery } from './log-search.js'
import type { LogReader } from './log-sources.js'
import { atLeast, type Severity } from './log-severity.js'

const stamp = /^\d{4}-\d\d-\d\dT\S+ /

/** A line without the time that the server put before it. */
export const withoutTime = (line: string): string => line.replace(stamp, '')

/** Search and filter of a log: what is looked for, which lines it is in, and which of them is in front. */
export interface LogFind {
  query: Ref<string>
  /** Only matching lines are shown. */
  filtering: Ref<boolean>
  /** Lines less grave are not shown, nor those that do not say. */
  severity: Ref<Severity | ''>
  parsed: ComputedRef<ReturnType<typeof parseQuery>>
  /** Numbers of matching lines. */
  matches: ShallowRef<number[]>
  /** The line in front; -1: none. */
  current: Ref<number>
  /** The lines to show; null: all. */
  only: ComputedRef<number[] | null>
  /** Goes `by` matches on, around the ends. */
  goTo(by: number): void
}

/** Keeps a search up with what a reader reads, a frame's worth at a time. */
export function findInLog(reader: ShallowRef<LogReader | null>): LogFind {
  const query = ref('')
  const filtering = ref(false)
  const severity = ref<Severity | ''>('')
  const parsed = computed(() => parseQuery(query.value))
  const search = shallowRef<LogSearch | null>(null)
  const matches = shallowRef<number[]>([])
  const current = ref(-1)
  let stepping = 0

  function step(): void {
    cancelAnimationFrame(stepping)
    const s = search.value
    if (!s) return
    const more = s.step()
    matches.value = s.matches.slice()
    if (more) stepping = requestAnimationFrame(step)
  }
  watch([parsed, severity, () => reader.value?.buffer], () => {
    current.value = -1
    matches.value = []
    const least = severity.value
    const { test } = parsed.value ?? { test: () => true }
    const wanted = (line: string): boolean => test(line) && (least === '' || atLeast(line, least))
    search.value = (parsed.value || least) && reader.value ? new LogSearch(reader.value.buffer, wanted, withoutTime) : null
    step()
  })
  watch(() => reader.value?.tick.value ?? 0, step)

  function goTo(by: number): void {
    const list = matches.value
    if (list.length === 0) return
    if (current.value < 0) current.value = by > 0 ? list[0]! : list.at(-1)!
    else current.value = list[(list.indexOf(current.value) + by + list.length) % list.length]!
  }
  const only = computed(() => (severity.value || (filtering.value && parsed.value) ? matches.value : null))
  return { query, filtering, severity, parsed, matches, current, only, goTo }
}
