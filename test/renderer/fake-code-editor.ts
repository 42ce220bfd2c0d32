/** Stands in for the editor, which takes seconds to load: what it compares, as a text. */
import { defineComponent, h } from 'vue'

export default defineComponent({
  props: { modelValue: { type: String, default: '' }, original: { type: String, default: undefined } },
  setup: (props) => () => h('pre', props.original === undefined ? props.modelValue : `${props.original} -> ${props.modelValue}`),
})
