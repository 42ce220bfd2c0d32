import { computed, onBeforeUnmount, onMounted, ref, type ComputedRef, type Ref } from 'vue'
import { useSettings } from '../stores/settings.js'

/** Sizes from the start, px. */
const initial = { sidebar: 232, details: 520, dock: 300 }
type Panel = keyof typeof initial

/** The sizes of the window's panels, px: followed while an edge is dragged, remembered when it is let go. */
export interface PanelSizes {
  initial: Readonly<Record<Panel, number>>
  /** What each may have in the window as it is. */
  most: ComputedRef<Record<Panel, number>>
  /** What edges that are dragged give; of details, of one of them. */
  dragged: Ref<Partial<Record<Panel, number>>>
  sidebar: ComputedRef<number>
  /** All details that are open; two share what there is, each as wide as one alone where there is room for it. */
  details: ComputedRef<number>
  dockHeight: ComputedRef<number>
  /** Remembers what an edge was dragged to. */
  drop(panel: Panel): void
}

/** @param opened how many details are open beside the list */
export function usePanelSizes(opened: () => number): PanelSizes {
  const settings = useSettings()
  const size = ref({ width: window.innerWidth, height: window.innerHeight })
  const onResize = () => (size.value = { width: window.innerWidth, height: window.innerHeight })
  onMounted(() => window.addEventListener('resize', onResize))
  onBeforeUnmount(() => window.removeEventListener('resize', onResize))

  const dragged = ref<Partial<Record<Panel, number>>>({})
  function px(panel: Panel, limit: number): number {
    const narrow = panel === 'details' && size.value.width < 1400 ? 400 : initial[panel]
    return Math.min(dragged.value[panel] ?? settings.size(panel, narrow), limit)
  }
  const most = computed(() => ({
    sidebar: 360,
    details: Math.max(360, size.value.width - 48 - px('sidebar', 360) - 360),
    dock: size.value.height - 24 - 200,
  }))
  return {
    initial,
    most,
    dragged,
    sidebar: computed(() => px('sidebar', most.value.sidebar)),
    details: computed(() => Math.min(opened() * px('details', most.value.details), most.value.details)),
    dockHeight: computed(() => px('dock', most.value.dock)),
    drop: (panel) => {
      const value = dragged.value[panel]
      if (value !== undefined) settings.setSize(panel, value)
    },
  }
}
