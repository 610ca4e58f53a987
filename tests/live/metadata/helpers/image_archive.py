# Makes an archive of one image, as `docker save` does, of one layer: image_archive.py LAYER.tar NAME OUT.tar WORD…
# The words are what a container of it runs.
import hashlib, io, json, sys, tarfile

layer_path, name, out, *words = sys.argv[1:]
layer = open(layer_path, "rb").read()
config = json.dumps({
    "architecture": "amd64", "os": "linux", "config": {"Cmd": words, "Env": ["PATH=/bin"]},
    "rootfs": {"type": "layers", "diff_ids": ["sha256:" + hashlib.sha256(layer).hexdigest()]},
    "history": [{"created_by": "test"}],
}).encode()
config_name = hashlib.sha256(config).hexdigest() + ".json"
manifest = json.dumps([{"Config": config_name, "RepoTags": [name], "Layers": ["layer.tar"]}]).encode()
with tarfile.open(out, "w") as archive:
    for path, content in ((config_name, config), ("layer.tar", layer), ("manifest.json", manifest)):
        entry = tarfile.TarInfo(path)
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
