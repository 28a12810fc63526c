module todo.local/tools/runc-wrapper

go 1.24.0
