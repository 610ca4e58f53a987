/* Kinds of events by name, from the event table: FC_EVENT_KIND_<ID>.
 */
#ifndef FALCOC_PROBE_EVENT_KINDS_H
#define FALCOC_PROBE_EVENT_KINDS_H

enum {
#define EVENT(code, id, ...) FC_EVENT_KIND_##id = code,
#define PARAM(...)
#include "compiler/catalog/events.def"
#undef EVENT
#undef PARAM
};

#endif
