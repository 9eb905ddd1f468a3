;; Pure functions: a module without state, whose functions need no instance.
(module
  (func (export "add") (param i32 i32) (result i32) local.get 0 local.get 1 i32.add)
  (func (export "divide") (param i64 i64) (result i64 i64)
    local.get 0 local.get 1 i64.div_s
    local.get 0 local.get 1 i64.rem_s))
