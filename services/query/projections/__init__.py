"""What is made from the journal and can be made again: tables, generations, rebuild, proof."""
