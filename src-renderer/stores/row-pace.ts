import { watch, type Ref } from 'vue'
import type { RowModel } from '../components/row-model.js'

/** Shortest time between two arrangements of the rows, ms. */
const ARRANGE = 250
/** Shortest time between two paintings of changed cells, ms. */
const PAINT = 50

/** When the changes of a row model are shown: cells soon, places less often, and not while `hold` says that the pointer is on them. */
export class RowPace {
  private timer: ReturnType<typeof setTimeout> | undefined
  private arranged = 0

  constructor(
    private readonly model: RowModel,
    private readonly hold: Ref<boolean>,
  ) {
    watch(hold, (held) => {
      if (!held && model.pending) this.schedule()
    })
  }

  /** There are changes to show. */
  schedule(): void {
    this.timer ??= setTimeout(() => this.show(), Math.min(PAINT, Math.max(0, this.arranged + ARRANGE - Date.now())))
  }

  stop(): void {
    clearTimeout(this.timer)
  }

  private show(): void {
    this.timer = undefined
    const time = Date.now()
    if (!this.hold.value && time - this.arranged >= ARRANGE) {
      this.arranged = time
      this.model.flush()
      return
    }
    this.model.flushInPlace()
    // What has to move waits until the pointer rests or the time has come.
    if (!this.hold.value) this.timer = setTimeout(() => this.show(), this.arranged + ARRANGE - time)
  }
}
