import { Ellipsis, TriangleAlert } from '@lucide/vue'
import { computed, defineComponent, h, withMemo, type Component, type PropType, type VNode } from 'vue'
import { useI18n } from 'vue-i18n'
import type { ColumnInfo, Row } from '../../src-main/backend/rpc/contract.js'
import { isFaulty } from './row-search.js'
import { cellOf, drawFace, faceOf, type NameRoom } from './table-cell.js'
import { clusterNow, clusterNowOf } from './time.js'

/** Stands for a name in a text that is translated once. */
const NAME = '\u0000'

/** What the mark of a warning takes of the room of a name, px. */
const WARNING_WIDTH = 18

/** A column of the table, and where its cell is in a row (name and namespace are not among the cells). */
export interface PlacedColumn {
  column: ColumnInfo
  index: number
}

/** The mark of the last warning about an object. */
const warned = (title: string, past: boolean): VNode =>
  h('span', { class: ['warned', { past }], role: 'img', title, 'aria-label': title }, [h(TriangleAlert, { size: 13 })])

/** What can be done with one click at the end of a row. */
export interface QuickAction {
  id: string
  label: string
  icon: Component
}

/**
 * One row of a list, written as a render function: some fifty rows of a dozen cells are patched on every step of a scroll, and a
 * component for each cell would cost more than all else.
 */
export const TableRow = defineComponent({
  name: 'TableRow',
  props: {
    row: { type: Object as PropType<Row>, required: true },
    index: { type: Number, required: true },
    columns: { type: Array as PropType<PlacedColumn[]>, required: true },
    focused: Boolean,
    selected: Boolean,
    current: Boolean,
    /** The pointer or the keyboard is here: the quick actions show. */
    hot: Boolean,
    /** Left out before the list has been measured. */
    room: { type: Object as PropType<NameRoom | undefined>, default: undefined },
    quick: { type: Array as PropType<QuickAction[]>, required: true },
    /** The context whose clock counts the ages; empty for that of the cluster in sight. */
    clock: { type: String, default: '' },
  },
  setup(props) {
    const { t } = useI18n()
    const present = () => (props.clock ? clusterNowOf(props.clock) : clusterNow.value)
    // Looked up once: a row is patched on every step of a scroll.
    const select = computed(() => t('list.select', { name: NAME }))
    const tools = (name: string): VNode => {
      const button = (icon: Component, title: string, data: Record<string, string>) =>
        h('button', { type: 'button', tabindex: -1, class: 'icon-button', title, 'aria-label': `${title} ${name}`, ...data }, h(icon))
      return h('div', { class: 'tools', role: 'gridcell' }, [
        ...props.quick.map((q) => button(q.icon, q.label, { 'data-action': q.id })),
        button(Ellipsis, t('action.more'), { 'data-part': 'menu' }),
      ])
    }
    /** The cells as they were last drawn: most of those that scroll in say what those say that scroll out. */
    const drawn: VNode[] = []
    /** The cell of a row in a column. */
    const cellAt = (row: Row, { column, index }: PlacedColumn, place: number): VNode => {
      const warning = column.id === 'name' ? row.warning : undefined
      const said = warning && `${warning.reason}: ${warning.message}${warning.count > 1 ? ` (×${warning.count})` : ''}`
      const past = !!warning && !isFaulty(row)
      const room = warning && props.room ? { ...props.room, width: props.room.width - WARNING_WIDTH } : props.room
      const face = faceOf(cellOf(row, column, index), column, room, present)
      const name = column.id === 'name' ? row.name : undefined
      const draw = () =>
        h(
          'div',
          {
            class: `cell ${column.custom ? 'custom' : column.id} ${column.align ?? ''}`,
            role: 'gridcell',
            ...(name === undefined ? {} : { 'aria-label': name }),
          },
          said === undefined ? [drawFace(face)] : [drawFace(face), warned(said, past)],
        )
      return withMemo([column, face.as, face.text, face.title, face.tone, name, said, past], draw, drawn, place) as VNode
    }
    const check = (row: Row): VNode =>
      h('div', { class: 'cell check', role: 'gridcell' }, [
        h('input', {
          type: 'checkbox',
          tabindex: -1,
          checked: props.selected,
          'aria-label': select.value.replace(NAME, row.name),
          'data-part': 'check',
        }),
      ])
    return () => {
      const { row, index } = props
      // A cell that was taken out is not drawn again.
      drawn.length = Math.min(drawn.length, props.columns.length)
      const cells = [check(row), ...props.columns.map((c, i) => cellAt(row, c, i))]
      if (props.hot) cells.push(tools(row.name))
      return h(
        'div',
        {
          id: `row-${row.id}`,
          class: [
            'row',
            {
              focused: props.focused,
              selected: props.selected,
              current: props.current,
              deleting: row.deleting === true,
            },
          ],
          role: 'row',
          'aria-rowindex': index + 2,
          'aria-selected': props.selected,
          'data-index': index,
          style: { top: `${index * 28}px` },
        },
        cells,
      )
    }
  },
})
