import { TriangleAlert } from '@lucide/vue'
import { h, render, type VNode } from 'vue'
import type { ColumnInfo } from '../../src-main/backend/rpc/contract.js'
import { drawFace, type CellFace } from './table-cell.js'

/** From this many on, what has been drawn is forgotten: containers have names of all sorts. */
const MANY = 500
const drawn = new Map<string, Element>()

/** An element as `draw` draws it. It is drawn once for each `key` and copied from then on, which is many times faster. */
export function copyOf(key: string, draw: () => VNode): HTMLElement {
  let element = drawn.get(key)
  if (!element) {
    if (drawn.size >= MANY) drawn.clear()
    const box = document.createElement('div')
    render(draw(), box)
    drawn.set(key, (element = box.firstElementChild!))
  }
  return element.cloneNode(true) as HTMLElement
}

/** Sets an attribute, or takes it away. */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name)
  else element.setAttribute(name, value)
}

/** The last warning about an object, as its name tells it. */
export interface WarningMark {
  text: string
  /** The object is well again. */
  past: boolean
}

const nothing: CellFace = { as: 'nothing', text: '' }

/** The element of one cell of a list. Of what it shows only that is touched which says something else than before. */
export class CellElement {
  readonly element = document.createElement('div')
  private face: CellFace | undefined
  private name: string | undefined
  private warning: WarningMark | undefined
  /** What the face is drawn as, and the text in it. */
  private root: HTMLElement | undefined
  private text: Text | undefined

  constructor(column: ColumnInfo) {
    this.element.className = `cell ${column.custom ? 'custom' : column.id} ${column.align ?? ''}`
    this.element.setAttribute('role', 'gridcell')
  }

  /** @param name what the cell is called where that is more than what is seen of it */
  show(face: CellFace, name?: string, warning?: WarningMark): void {
    if (name !== this.name) setAttribute(this.element, 'aria-label', (this.name = name))
    this.showFace(face)
    if (warning?.text !== this.warning?.text || warning?.past !== this.warning?.past) this.mark(warning)
  }

  private showFace(face: CellFace): void {
    const old = this.face ?? nothing
    this.face = face
    if (!this.root || face.as !== old.as || face.tone !== old.tone || (face.as === 'bricks' && face.text !== old.text)) this.draw(face)
    else {
      if (face.text !== old.text && this.text) this.text.data = face.text
      if (face.title !== old.title) setAttribute(this.root, 'title', face.title)
    }
  }

  private draw(face: CellFace): void {
    const { as, tone } = face
    const root =
      as === 'bricks'
        ? copyOf(`bricks ${face.text}`, () => drawFace(face))
        : copyOf(`${as} ${tone}`, () => drawFace({ as, text: '', tone }))
    const line = as === 'text' ? root : as === 'status' ? root.querySelector('.ellipsis') : null
    this.text = line ? (line.firstChild as Text) : undefined
    if (this.text) this.text.data = face.text
    if (face.title !== undefined) root.title = face.title
    if (this.root) this.root.replaceWith(root)
    else this.element.prepend(root)
    this.root = root
  }

  private mark(warning: WarningMark | undefined): void {
    this.warning = warning
    this.element.querySelector(':scope > .warned')?.remove()
    if (!warning) return
    const mark = copyOf('warned', () => h('span', { class: 'warned', role: 'img' }, [h(TriangleAlert, { size: 13 })]))
    mark.classList.toggle('past', warning.past)
    mark.title = warning.text
    mark.setAttribute('aria-label', warning.text)
    this.element.append(mark)
  }
}
