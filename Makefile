.PHONY: run serve test bench lint stop

run:
	@python3 run.py

serve test bench lint stop:
	@python3 run.py $@
