import type { RowPlaces } from './row-places.js'
import { TableRow } from './table-row.js'

/**
 * The rows of a list that are in the document. While the list scrolls each element stays where it is in the document: to move it would
 * have it styled and laid out as if it were new. Once the list stands still they are put in the order in which they are seen.
 */
export class TableBody {
  private rows: TableRow[] = []
  /** The number of the element that is the first in the document. */
  private turn = 0
  private places: RowPlaces = []

  constructor(private readonly body: HTMLElement) {}

  /** Has each element show the row of its place. */
  draw(places: RowPlaces, show: (row: TableRow, index: number) => void): void {
    if (this.rows.length !== places.length) {
      this.body.replaceChildren()
      this.rows = places.map(() => new TableRow())
      this.turn = 0
    }
    this.places = places
    let before: Element | null = null
    for (let i = 0; i < places.length; i++) {
      const at = (this.turn + i) % places.length
      const { element } = this.rows[at]!
      if (places[at]! < 0) {
        element.remove()
        continue
      }
      show(this.rows[at]!, places[at]!)
      if (!element.parentNode) this.body.insertBefore(element, before ? before.nextSibling : this.body.firstChild)
      before = element
    }
  }

  /**
   * Brings the elements nearer to the order in which their rows are seen.
   * @param most how many elements are moved at most
   * @returns whether they are in order
   */
  settle(most: number): boolean {
    const first = this.places.reduce((least, i) => (i >= 0 && i < least ? i : least), Infinity)
    const count = this.rows.length
    if (first === Infinity) return true
    const away = (first - this.turn) % count
    const ahead = away < 0 ? away + count : away
    for (let left = Math.min(most, ahead, count - ahead); left > 0; left--) {
      // Forwards or backwards, whichever is nearer.
      if (ahead <= count / 2) {
        this.put(this.rows[this.turn]!, null)
        this.turn = (this.turn + 1) % count
      } else {
        this.turn = (this.turn + count - 1) % count
        this.put(this.rows[this.turn]!, this.body.firstChild)
      }
    }
    return this.turn === first % count
  }

  private put({ element }: TableRow, before: Node | null): void {
    if (element.parentNode) this.body.insertBefore(element, before)
  }
}
