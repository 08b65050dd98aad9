# For those whose fingers say make; ./go needs no make.
.PHONY: demo test check
demo test check:
	./go $@
