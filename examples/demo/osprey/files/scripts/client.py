import sys
import time
from threading import Thread

import requests

url = "http://" + sys.argv[1]


def call_endpoint(path, count):
    """Envoie des requêtes l'une après l'autre et compte les erreurs."""
    errors = 0
    for i in range(count):
        r = requests.get(url + path)
        if r.status_code != 200:
            errors += 1
    print(path, count, "requests", errors, "errors")


def thread1(path):
    call_endpoint(path, 1000)


def thread2(path):
    call_endpoint(path, 500)
    time.sleep(60)
    call_endpoint(path, 1000)


start = time.time()
# both clusters at the same time
threads = []
for path in ["/cluster1", "/cluster2"]:
    threads.append(Thread(target=thread1, args=[path]))
    threads.append(Thread(target=thread2, args=[path]))
for t in threads:
    t.start()
for t in threads:
    t.join()
print("total", time.time() - start, "seconds")
